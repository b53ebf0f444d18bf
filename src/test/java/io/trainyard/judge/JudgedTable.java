package io.trainyard.judge;

import io.trainyard.Http;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows with columns for every type of target, whose parts are known: the last rows are the test.
 */
final class JudgedTable {
  static final int ROWS = 48;
  private static final int TRAINING = 24;
  private static final int VALIDATION = 12;

  private final String name;
  private final List<ObjectNode> rows;

  private JudgedTable(String name, List<ObjectNode> rows) {
    this.name = name;
    this.rows = rows;
  }

  /** The three tables: one plain, one far from 0, one whose validation rows have one class. */
  static List<JudgedTable> drawn(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return List.of(
        drawn("judged", random, 0, false),
        drawn("judged-far", random, 400, false),
        drawn("judged-one", random, 0, true));
  }

  private static JudgedTable drawn(
      String name, SplittableRandom random, double far, boolean oneClass) {
    List<ObjectNode> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      double a = rounded(random.nextGaussian());
      double b = rounded(random.nextGaussian() * 2 + 1);
      int m = random.nextInt(-5, 6);
      row.put("a", a).put("b", b).put("m", m);
      row.put("c", pick(random, "r", "g", "b"));
      row.put("y", rounded(far + 5 + a - 0.5 * b + 0.3 * random.nextGaussian()));
      row.put("z", rounded(3 * random.nextGaussian()));
      row.put("p", rounded(Math.exp(0.5 * a + 0.3 * random.nextGaussian())));
      row.put("q", random.nextInt(7));
      boolean validation = i >= TRAINING && i < TRAINING + VALIDATION;
      boolean yes = !(oneClass && validation) && a + random.nextGaussian() > 0.3;
      row.put("two", yes ? "yes" : "no");
      row.put("flag", a - b + random.nextGaussian() > -1);
      row.put("bit", random.nextInt(2));
      row.put("three", i < 3 ? List.of("u", "v", "w").get(i) : pick(random, "u", "v", "w", "w"));
      row.put("code", i < 4 ? 10 * i : 10 * random.nextInt(4));
      row.put("t1", random.nextBoolean()).put("t2", a + random.nextGaussian() > 0);
      row.put("b1", random.nextInt(2)).put("b2", i % 3 == 0 ? 1 : 0);
      row.put("w", rounded(0.2 + random.nextDouble()));
      row.put("time", 1 + random.nextInt(oneClass ? 9 : 99));
      row.put("event", random.nextInt(4) > 0 ? 1 : 0);
      row.put("part", i < TRAINING ? "training" : validation ? "validation" : "test");
      rows.add(row);
    }
    return new JudgedTable(name, rows);
  }

  private static double rounded(double number) {
    return Math.round(number * 1e4) / 1e4;
  }

  private static String pick(SplittableRandom random, String... words) {
    return words[random.nextInt(words.length)];
  }

  String name() {
    return name;
  }

  List<ObjectNode> rows() {
    return rows;
  }

  JsonNode value(int row, String column) {
    return rows.get(row).get(column);
  }

  /** The rows of a part: training, validation, test or all. */
  int[] part(String part) {
    return IntStream.range(0, ROWS)
        .filter(i -> part.equals("all") || value(i, "part").stringValue().equals(part))
        .toArray();
  }

  void upload(Http http) {
    Http.Answer answer = http.post("/v1/datasets?name=" + name, rows.toString());
    if (answer.status() != 200 && answer.status() != 201) {
      throw new IllegalStateException(answer.toString());
    }
  }
}
