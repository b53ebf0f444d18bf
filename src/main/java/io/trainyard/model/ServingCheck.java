package io.trainyard.model;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;

/** Says whether this service could answer from a network. */
@FunctionalInterface
public interface ServingCheck {
  /**
   * Refuses a network that could not be served.
   *
   * @param pointer the network's place in the body
   * @throws io.trainyard.error.ServiceException TOO_MUCH_MEMORY when one row needs too much
   */
  void check(NetworkSpec network, NetworkShapes shapes, String pointer);
}
