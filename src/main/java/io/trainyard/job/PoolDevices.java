package io.trainyard.job;

import io.trainyard.engine.Engine;
import io.trainyard.job.process.Roles;
import io.trainyard.tensor.Device;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Stops the start of a process that lacks the device of a pool it serves. */
@Component
final class PoolDevices {
  @Autowired
  PoolDevices(JobProperties properties, Roles roles, Engine engine) {
    if (roles.worker()) {
      require(properties, engine::hasCuda);
    }
  }

  /**
   * Throws when a device is missing.
   *
   * @param cuda whether there is a CUDA device; called only for a pool that needs one
   */
  static void require(JobProperties properties, BooleanSupplier cuda) {
    properties
        .pools()
        .forEach(
            (name, pool) -> {
              if (pool.slots() > 0 && pool.device() == Device.CUDA && !cuda.getAsBoolean()) {
                String setting = "trainyard.jobs.pools." + name;
                throw new IllegalStateException(
                    setting
                        + ".device is cuda, and this process finds no CUDA device; with "
                        + setting
                        + ".slots=0 it leaves the pool to other processes");
              }
            });
  }
}
