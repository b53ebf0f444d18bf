package io.trainyard.tensor;

import java.util.Locale;

/** What tensors lie on and are computed on. */
public enum Device {
  CPU,
  CUDA;

  /** The device's name in settings, answers and stored data. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The device with that {@link #code}.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Device of(String code) {
    for (Device device : values()) {
      if (device.code().equals(code)) {
        return device;
      }
    }
    throw new IllegalArgumentException("a device is cpu or cuda, was '" + code + "'");
  }
}
