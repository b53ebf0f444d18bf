package io.trainyard.spec;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.json.Word;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A number, or two, that is made of a time in UTC. What repeats is a place on a circle: the sine
 * and the cosine of 2π·place/period, so that the end of a period is near its start.
 */
public enum TimeFeature implements Word {
  /** Hours and minutes of 24 hours. */
  HOUR(24),
  /** Days since Monday of 7. */
  WEEKDAY(7),
  /** Months since January of 12. */
  MONTH(12),
  /** Seconds since 1970, scaled as the input's numbers are. */
  LINEAR(0);

  private static final long DAY = 24 * 60 * 60;
  private static final long MONDAY = 3; // 1970 began on a Thursday

  private final int period;

  TimeFeature(int period) {
    this.period = period;
  }

  /** How many numbers it is. */
  public int width() {
    return this == LINEAR ? 1 : 2;
  }

  /** How many numbers some of them are. */
  public static int width(List<TimeFeature> features) {
    return features.stream().mapToInt(TimeFeature::width).sum();
  }

  /** The names of its numbers. */
  public List<String> names() {
    return this == LINEAR ? List.of(word()) : List.of(word() + "_sin", word() + "_cos");
  }

  /**
   * The place of a time in the period, as an angle.
   *
   * @param seconds since 1970
   */
  public double angle(double seconds) {
    long whole = (long) Math.floor(seconds);
    long day = Math.floorDiv(whole, DAY);
    double place =
        switch (this) {
          case HOUR -> Math.floorDiv(Math.floorMod(whole, DAY), 60) / 60.0;
          case WEEKDAY -> Math.floorMod(day + MONDAY, 7);
          case MONTH -> LocalDate.ofEpochDay(day).getMonthValue() - 1;
          case LINEAR -> throw new IllegalStateException("a line has no period");
        };
    return 2 * Math.PI * place / period;
  }

  /** Reads the member {@code features}; null when it is missing or refused. */
  public static @Nullable List<TimeFeature> read(JsonObject entry) {
    JsonNode given = entry.get("features");
    List<String> words = entry.texts("features");
    if (words == null || (words.isEmpty() && given != null && given.isEmpty())) {
      if (given == null || given.isArray()) {
        entry.violate(
            "features",
            "A list of the features of the time was expected, as [\"hour\", \"weekday\", \"month\","
                + " \"linear\"], got "
                + (given == null ? "none" : "an empty list"));
      }
      return null;
    }
    List<String> known = Arrays.stream(values()).map(TimeFeature::word).toList();
    List<TimeFeature> features = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      TimeFeature feature = Word.of(TimeFeature.class, word).orElse(null);
      if (feature == null) {
        entry.violate(
            "features",
            i,
            () ->
                "One of %s was expected, got '%s'%s"
                    .formatted(
                        String.join(", ", known),
                        JsonObject.shorten(word),
                        NameAdvice.of(word, known)));
      } else if (features.contains(feature)) {
        entry.violate("features", i, "The feature '" + word + "' is named twice");
      } else {
        features.add(feature);
      }
    }
    return features.isEmpty() ? null : List.copyOf(features);
  }
}
