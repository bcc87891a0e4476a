"""Model files, read as data: containers, configs, graphs, shapes and cuts."""
