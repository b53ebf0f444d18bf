package io.trainyard.store.file;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where the rows a job trains on lie.
 *
 * @param residentLimit encoded rows that take more lie in a mapped file
 */
@ConfigurationProperties("trainyard.train")
public record ResidentProperties(@DefaultValue("2GB") DataSize residentLimit) {
  public ResidentProperties {
    if (residentLimit.isNegative()) {
      throw new IllegalArgumentException("trainyard.train.resident-limit must not be negative");
    }
  }
}
