"""What can be known without running a network: no Qt, no Keras."""
