package io.trainyard.job.check;

import java.util.OptionalLong;

/** The memory of the devices that pools train on. */
@FunctionalInterface
public interface DeviceSizes {
  /** The bytes of the largest device of a pool; empty while no living worker has told. */
  OptionalLong largest(String pool);
}
