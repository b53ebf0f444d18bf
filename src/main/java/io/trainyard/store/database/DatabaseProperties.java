package io.trainyard.store.database;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * When the file of the embedded database is compacted. A shared database compacts itself.
 *
 * @param compactAbove the ratio of file to live data above which a busy database is compacted
 * @param compactFrom a smaller file is left alone
 * @param compactAtStop the time that compaction may take at shutdown
 */
@ConfigurationProperties("trainyard.database")
record DatabaseProperties(
    @DefaultValue("2") double compactAbove,
    @DefaultValue("16MB") DataSize compactFrom,
    @DefaultValue("3s") Duration compactAtStop) {
  DatabaseProperties {
    if (!(compactAbove >= 1.5 && compactAbove <= 100)) {
      throw new IllegalArgumentException(
          "trainyard.database.compact-above must be in [1.5, 100], was " + compactAbove);
    }
    if (compactFrom.isNegative()) {
      throw new IllegalArgumentException(
          "trainyard.database.compact-from must not be negative, was " + compactFrom);
    }
    if (compactAtStop.isNegative() || compactAtStop.compareTo(Duration.ofSeconds(20)) > 0) {
      throw new IllegalArgumentException(
          "trainyard.database.compact-at-stop must be in [0s, 20s], was " + compactAtStop);
    }
  }
}
