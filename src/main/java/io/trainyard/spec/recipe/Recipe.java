package io.trainyard.spec.recipe;

import io.trainyard.json.Word;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can stand in the place of a network's layers: they then follow from the table. */
public enum Recipe implements Word {
  AUTO(
      "A window or an offset gets series; a table gets realmlp, or tabm where it has fewer than"
          + " 5,000 rows.",
      "—",
      List.of()),
  MLP(
      "A quick first model, and a baseline for the others: two dense layers that stop early.",
      "Gorishniy, Rubachev, Khrulkov and Babenko 2021, Revisiting Deep Learning Models for Tabular"
          + " Data",
      List.of(
          Setting.integer("units", 256, 1, 65_536, "The width of the dense layers."),
          Setting.integer("depth", 2, 1, 64, "How many dense layers are before the output."),
          Setting.number("dropout", 0.1, 0, 0.95, "The rate of the dropout behind each of them."),
          Setting.embedding())),
  REALMLP(
      "The best single network for most tables of 5,000 to 50,000 rows, without tuning.",
      "Holzmüller, Grinsztajn and Steinwart 2024, Better by Default: Strong Pre-Tuned MLPs and"
          + " Boosted Trees on Tabular Data",
      List.of(
          Setting.integer("units", 256, 1, 65_536, "The width of the dense layers."),
          Setting.integer("depth", 3, 1, 64, "How many dense layers are before the output."),
          Setting.number("dropout", 0.15, 0, 0.95, "The rate of the dropout at the start."),
          Setting.integer("frequencies", 16, 0, 4096, "Waves of each number; 0 for none."),
          Setting.sigma(0.1),
          Setting.embedding())),
  TABM(
      "An ensemble in one network: often a little better than realmlp and several times slower.",
      "Gorishniy, Kotelnikov and Babenko 2024, TabM: Advancing Tabular Deep Learning with"
          + " Parameter-Efficient Ensembling",
      List.of(
          Setting.integer("members", 32, 2, 1024, "The members of the ensemble."),
          Setting.integer(
              "units",
              null,
              1,
              65_536,
              "The width of the dense layers. Default: 64 below 500 rows, 128 below 5,000, else"
                  + " 512."),
          Setting.integer("depth", 3, 1, 64, "How many dense layers are before the output."),
          Setting.number("dropout", 0.1, 0, 0.95, "The rate of the dropout behind each of them."),
          Setting.integer(
              "frequencies",
              null,
              0,
              4096,
              "Waves of each number; 0 for none. Default: 16 where every target is a number or"
                  + " sigma is given, else 0."),
          // Slower waves than realmlp's: with 0.1, tables where a line is best lost 3 to 5 %.
          Setting.sigma(0.03),
          Setting.embedding())),
  SERIES(
      "Forecasts from the rows before: numbers in the order of time, each target some rows ahead.",
      "Zeng, Chen, Zhang and Xu 2023, Are Transformers Effective for Time Series Forecasting?"
          + " (NLinear); Das et al. 2023, Long-term Forecasting with TiDE (the dense layers beside"
          + " the line)",
      List.of(
          Setting.integer(
              "window",
              null,
              2,
              100_000,
              "Rows that it looks back. Default: 24, fewer in a short series."),
          Setting.integer("horizon", 1, 1, 100_000, "How many rows ahead the targets are."),
          Setting.integer("units", 64, 1, 65_536, "The width of the dense layers beside the line."),
          Setting.number("dropout", 0.1, 0, 0.95, "The rate of the dropout behind them."),
          Setting.text("order_by", "The column of the order. Default: the only column of times."),
          Setting.text("group", "The column that says to which series a row belongs.")));

  private final String purpose;
  private final String source;

  @SuppressWarnings("ImmutableEnumChecker") // copied
  private final List<Setting> settings;

  Recipe(String purpose, String source, List<Setting> settings) {
    this.purpose = purpose;
    this.source = source;
    this.settings = List.copyOf(settings);
  }

  /** When to use it. */
  public String purpose() {
    return purpose;
  }

  /** The paper. */
  public String source() {
    return source;
  }

  public List<Setting> settings() {
    return settings;
  }

  /** Whether all of these are names of its settings. */
  boolean has(Collection<String> names) {
    return settings.stream().map(Setting::name).toList().containsAll(names);
  }

  Setting setting(String name) {
    return settings.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(word() + " has no setting " + name));
  }

  /**
   * A member that a caller may give beside the recipe's name.
   *
   * @param type as in a JSON schema
   * @param fallback its value where it is not given; null: it follows from the table
   * @param minimum null for texts
   */
  public record Setting(
      String name,
      String type,
      @Nullable Number fallback,
      @Nullable Number minimum,
      @Nullable Number maximum,
      String summary) {
    private static Setting integer(
        String name, @Nullable Integer fallback, int minimum, int maximum, String summary) {
      return new Setting(name, "integer", fallback, minimum, maximum, summary);
    }

    private static Setting number(
        String name, double fallback, double minimum, double maximum, String summary) {
      return new Setting(name, "number", fallback, minimum, maximum, summary);
    }

    private static Setting text(String name, String summary) {
      return new Setting(name, "string", null, null, null, summary);
    }

    private static Setting sigma(double fallback) {
      return number(
          "sigma",
          fallback,
          0.0001,
          100,
          "The standard deviation of the waves' frequencies at the start: more for targets that"
              + " change quickly with a number.");
    }

    private static Setting embedding() {
      return integer(
          "embedding", 8, 1, 4096, "Numbers for each column of more than nine categories.");
    }
  }
}
