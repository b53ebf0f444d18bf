package io.trainyard.store.file;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where the encoded rows of a job are kept while it trains.
 *
 * @param residentLimit rows larger than this are kept in a mapped file
 */
@ConfigurationProperties("trainyard.train")
record TrainingMemoryProperties(@DefaultValue("2GB") DataSize residentLimit) {
  public TrainingMemoryProperties {
    if (residentLimit.isNegative()) {
      throw new IllegalArgumentException("trainyard.train.resident-limit must not be negative");
    }
  }
}
