FROM busybox
CMD ["of", "base"]
