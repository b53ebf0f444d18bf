package io.trainyard.start;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Says when the JVM has left the cache of {@code trainyard bake} unused, because that says nothing:
 * the process starts, and later than it could.
 */
public final class UnusedCache {
  private static final String OPTION = "-XX:AOTCache=";

  private UnusedCache() {}

  public static void report() {
    boolean used = System.getProperty("java.vm.info", "").contains("sharing");
    sentence(ManagementFactory.getRuntimeMXBean().getInputArguments(), used)
        .ifPresent(LoggerFactory.getLogger(UnusedCache.class)::warn);
  }

  /**
   * What to tell.
   *
   * @param options those of the JVM
   * @param used whether it has mapped an archive of classes
   */
  static Optional<String> sentence(List<String> options, boolean used) {
    return options.stream()
        .filter(option -> option.startsWith(OPTION) && !used)
        .findFirst()
        .map(
            option ->
                ("The cache %s is not used, so this start was slow: it was made by another Java, of"
                        + " other libraries, or for another collector. 'trainyard bake' makes it again")
                    .formatted(option.substring(OPTION.length())));
  }
}
