FROM busybox
ENTRYPOINT ["/entry"]
CMD ["of", "base"]
