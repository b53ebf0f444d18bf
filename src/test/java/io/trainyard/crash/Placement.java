package io.trainyard.crash;

/** Where a network has the layer that is searched. */
public enum Placement {
  /** It reads the inputs, so that none of its inputs wants a gradient. */
  FIRST,
  /** Some of its inputs come from trained layers. */
  BEHIND_TRAINED,
  /** All of its inputs come from frozen layers. */
  BEHIND_FROZEN,
  /** Its own weights are frozen; some of its inputs come from trained layers. */
  FROZEN,
  /** A second layer uses its weights and reads other values. */
  SHARED,
  /** It is the network of a nested model. */
  NESTED
}
