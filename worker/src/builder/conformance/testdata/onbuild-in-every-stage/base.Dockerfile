FROM busybox
ONBUILD RUN echo mark >> /mark
