FROM busybox
ONBUILD ENV from=trigger
ONBUILD COPY a /triggered
ONBUILD RUN echo "$from" > /ran
ONBUILD WORKDIR /made
CMD ["base"]
