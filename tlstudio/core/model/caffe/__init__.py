"""Caffe networks: a ``.prototxt`` that describes them and a ``.caffemodel`` with their weights."""
