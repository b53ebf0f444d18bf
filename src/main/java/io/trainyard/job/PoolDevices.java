package io.trainyard.job;

import io.trainyard.engine.Engine;
import io.trainyard.tensor.Device;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Keeps a process from serving a pool without having the pool's device: it would take job after job
 * only to give them back.
 */
@Component
final class PoolDevices {
  @Autowired
  PoolDevices(JobProperties properties, Roles roles, Engine engine) {
    if (roles.worker()) {
      require(properties, engine::hasCuda);
    }
  }

  /**
   * Stops the start when a device is missing.
   *
   * @param cuda whether there is a CUDA device; asked only where a pool needs one
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
