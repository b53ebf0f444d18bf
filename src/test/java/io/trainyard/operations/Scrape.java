package io.trainyard.operations;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A scrape in the text format of Prometheus, read by hand. */
final class Scrape {
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(\\{.*})? (\\S+)");

  private final Map<String, String> help = new LinkedHashMap<>();
  private final Map<String, String> types = new LinkedHashMap<>();
  private final List<Sample> samples = new ArrayList<>();

  /**
   * One line.
   *
   * @param labels with braces; empty without labels
   */
  record Sample(String name, String labels, double number) {}

  Scrape(String text) {
    for (String line : text.split("\n")) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(words[2], words.length > 3 ? words[3] : "");
      } else if (line.startsWith("# TYPE ")) {
        types.put(words[2], words[3]);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        Matcher sample = SAMPLE.matcher(line);
        if (!sample.matches()) {
          throw new IllegalArgumentException("not a sample: " + line);
        }
        String labels = sample.group(2) == null ? "" : sample.group(2);
        samples.add(new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3))));
      }
    }
  }

  /** Each family of this product on a line: name, type, help. */
  List<String> ownFamilies() {
    return types.entrySet().stream()
        .filter(family -> family.getKey().startsWith("trainyard_"))
        .map(family -> family.getKey() + " " + family.getValue() + " " + help.get(family.getKey()))
        .sorted()
        .toList();
  }

  /** The names that queries may use. */
  Set<String> sampleNames() {
    Set<String> names = new TreeSet<>();
    samples.forEach(sample -> names.add(sample.name()));
    return names;
  }

  List<Sample> samples() {
    return samples;
  }

  /** The samples of one name whose labels contain a text. */
  List<Sample> samples(String name, String labels) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name) && sample.labels().contains(labels))
        .toList();
  }

  /** The one sample of this name and with these labels. */
  double number(String name, String labels) {
    List<Sample> found = samples(name, labels);
    if (found.size() != 1) {
      throw new AssertionError(name + " with " + labels + ": " + found);
    }
    return found.getFirst().number();
  }
}
