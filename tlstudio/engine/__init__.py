"""What runs a network: Keras and TensorFlow, no Qt. Import ``runtime`` before anything that needs Keras."""
