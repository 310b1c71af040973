"""Community: a library of anchors shared across the network, and a digest by e-mail of what is new."""
