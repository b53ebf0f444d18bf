package io.trainyard.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** Limits of request bodies. */
@ConfigurationProperties("trainyard.http")
public record HttpProperties(
    @DefaultValue("16MB") DataSize maxJson, @DefaultValue("256MB") DataSize maxPredict) {
  public HttpProperties {
    bounded("max-json", maxJson);
    bounded("max-predict", maxPredict);
  }

  private static void bounded(String name, DataSize size) {
    if (size.toBytes() < 1024 || size.toBytes() > DataSize.ofGigabytes(1).toBytes()) {
      throw new IllegalArgumentException(
          "trainyard.http." + name + " must be between 1KB and 1GB, was " + size);
    }
  }
}
