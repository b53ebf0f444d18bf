package io.trainyard.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON values in words for a table. */
final class Text {
  private Text() {}

  /** A value as a cell: strings without quotes, numbers with 5 digits, null as "". */
  static String of(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    if (value.isString()) {
      return value.stringValue();
    }
    return value.isFloatingPointNumber() ? number(value.doubleValue()) : value.toString();
  }

  /** Of a fault that many cells have: how many, and where the first are. */
  static String cells(JsonNode fault) {
    return fault.has("count")
        ? " (%s cells have this fault, the first at %s)"
            .formatted(
                of(fault.get("count")),
                fault
                    .path("examples")
                    .valueStream()
                    .map(Text::of)
                    .collect(Collectors.joining(", ")))
        : "";
  }

  static String number(double number) {
    if (number == Math.rint(number) && Math.abs(number) < 1e9) {
      return String.valueOf((long) number);
    }
    double size = Math.abs(number);
    return size >= 1e-4 && size < 1e6
        ? trimmed(String.format(Locale.ROOT, "%." + digits(size) + "f", number))
        : String.format(Locale.ROOT, "%.4e", number);
  }

  /** So many that five are significant. */
  private static int digits(double size) {
    return Math.max(0, 4 - (int) Math.floor(Math.log10(size)));
  }

  private static String trimmed(String number) {
    return number.contains(".") ? number.replaceFirst("\\.?0+$", "") : number;
  }

  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double size = bytes;
    int unit = -1;
    while (size >= 1000) {
      size /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %sB", size, "kMGT".charAt(unit));
  }

  /** A time in UTC, to the second: 2026-11-26 18:51:11. */
  static String time(JsonNode time) {
    String text = of(time);
    return text.length() < 19 ? text : text.substring(0, 19).replace('T', ' ');
  }

  static String seconds(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? "%d min %02d s".formatted(whole / 60, whole % 60)
        : "%d h %02d min".formatted(whole / 3600, whole / 60 % 60);
  }

  /**
   * The numbers of a job: of one that has ended those of what it published, so that no name has
   * another value in the line of its last epoch.
   */
  static String measured(JsonNode job) {
    JsonNode last = job.path("metrics");
    if (!(job.path("done").asBoolean(false) && job.path("best") instanceof ObjectNode best)) {
      return metrics(last);
    }
    ObjectNode published = best.deepCopy();
    last.forEachEntry(
        (name, value) -> {
          if (name.startsWith("test_")) {
            published.set(name, value);
          }
        });
    return metrics(published);
  }

  /** The numbers of an epoch: "loss 0.5017, val_loss 0.52". */
  static String metrics(JsonNode record) {
    List<String> parts = new ArrayList<>();
    record.forEachEntry(
        (name, value) -> {
          boolean measured =
              value.isNumber()
                  && !List.of("epoch", "phase", "seconds", "learning_rate").contains(name);
          if (measured) {
            parts.add(name + " " + of(value));
          }
        });
    return String.join(", ", parts);
  }
}
