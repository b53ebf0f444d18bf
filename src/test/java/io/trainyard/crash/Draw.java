package io.trainyard.crash;

import io.trainyard.spec.layer.ActivationSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Fills the places of a template with random values. Many of them do not fit together. */
public final class Draw {
  /** Around the widths of vectors, and 1. */
  private static final List<Integer> SIZES =
      List.of(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 12, 16, 17, 33, 64);

  /** Windows may be larger than the axes they slide over. */
  private static final List<Integer> WINDOWS = List.of(1, 1, 2, 2, 3, 3, 4, 5, 7, 11);

  private static final Pattern OPTIONAL = Pattern.compile("\\((,'[^?]*?)\\)\\?");
  private static final Pattern PLACE = Pattern.compile("\\$([a-zA-Z])");

  private static final List<String> REGULARIZERS =
      List.of(
          "{'l1':0.01}",
          "{'l2':0.01}",
          "{'activity_l2':0.01}",
          "{'sparsity':{'weight':0.1,'proportion':0.2}}");

  private static final List<String> INITIALIZERS =
      List.of("'torch'", "'he_normal'", "'orthogonal'", "'zeros'", "'ones'");

  private static final List<String> SHAPES =
      List.of("[-1]", "[1,-1]", "[-1,1]", "[1,-1,1]", "[$c,-1]", "[-1,$n]", "[1,$c,-1,1]");

  private static final List<String> EXPRESSIONS =
      List.of(
          "'a * x + b','parameters':{'a':0.5,'b':0.1}",
          "'x ^ p','parameters':{'p':2.0}",
          "'sum(x ^ 2)'",
          "'sum(x, 0)'",
          "'mean(sin(x) * exp(-x ^ 2), -1)'",
          "'norm(x)'",
          "'norm(x, -1)'",
          "'clip(x, -1, 1) + pow(abs(x) + 1, 0.5)'",
          "'where(x > 0, x, 0.1 * x)'",
          "'where(x > 0, 1, 2) * x'",
          "'x[..., 0]'",
          "'x[0]'",
          "'x[1:, ...]'",
          "'concat(x, 2 * x)'",
          "'max(x, 0.1) / (1 + min(square(x), 3))'",
          "'sqrt(abs(x) + 1) + log1p(square(x)) + erf(x) + atan(x)'",
          "'tanh(x) + softplus(x) + relu(x) + sigmoid(x) + 2 ^ -x'",
          "'floor(x) + sign(x) + step(x) + x'",
          "'@0 * @1 - @1 / 3'",
          "'@0 + mean(@1)'",
          "'matmul(@0, @1)'",
          "'max(@0, @1)'");

  private final RandomGenerator random;
  private final Map<String, Integer> kept = new HashMap<>();

  /** Axes of the layer's first input. */
  private int rank = 1;

  private int inputs = 1;

  public Draw(RandomGenerator random) {
    this.random = random;
  }

  /** Shapes of rows, channels last, such as {@code $m,$c;$n,$c}. */
  public List<List<Integer>> rows(String template) {
    List<List<Integer>> rows =
        Stream.of(template.split(";"))
            .map(row -> Stream.of(row.split(",")).map(this::length).toList())
            .toList();
    rank = rows.getFirst().size();
    inputs = rows.size();
    return rows;
  }

  /** Lets the next layer read one input with 1 to 4 axes. */
  public void follow() {
    rank = 1 + random.nextInt(4);
    inputs = 1;
  }

  private int length(String product) {
    return Stream.of(product.split("\\*"))
        .mapToInt(factor -> kept(factor.substring(1)))
        .reduce(1, Math::multiplyExact);
  }

  /** Images stay small: their axes are multiplied. */
  private int kept(String letter) {
    List<Integer> sizes = letter.equals("c") ? SIZES : SIZES.subList(0, 10);
    return kept.computeIfAbsent(letter, _ -> pick(sizes));
  }

  /** The members of a layer; {@code @0} stands for the name of its first input. */
  public String members(String template) {
    return filled(OPTIONAL.matcher(template).replaceAll(_ -> random.nextBoolean() ? "$1" : ""));
  }

  private String filled(String text) {
    return PLACE
        .matcher(text)
        .replaceAll(
            place -> {
              char letter = place.group(1).charAt(0);
              return Character.isLowerCase(letter)
                  ? String.valueOf(kept(place.group(1)))
                  : filled(value(letter));
            });
  }

  private String value(char letter) {
    return switch (letter) {
      case 'A' ->
          random.nextInt(8) == 0
              ? "{'function':'selu','learned':true}"
              : "'" + pick(Arrays.asList(ActivationSpec.Function.values())).word() + "'";
      case 'E' -> below(3) == 0 ? pick(EXPRESSIONS) : new RandomExpressions(this, inputs).members();
      case 'F' -> String.valueOf(pick(SIZES));
      case 'G' -> String.valueOf(1 + random.nextInt(4));
      case 'I' -> pick(INITIALIZERS);
      case 'J' -> String.valueOf(random.nextInt(-rank, rank));
      case 'K' -> perAxis(WINDOWS);
      case 'L' -> random.nextBoolean() ? "0.5" : numbers(kept("c"), List.of(1, 2, 3));
      case 'P' -> padding();
      case 'Q' -> sides(List.of(0, 1, 2, 3));
      case 'R' -> pick(REGULARIZERS);
      case 'T' -> perAxis(List.of(1, 1, 2, 3));
      case 'U' -> pick(List.of("0", "0.3", "0.9"));
      case 'V' -> pick(List.of("5", "8", "300"));
      case 'X' -> permutation();
      case 'Z' -> pick(SHAPES);
      default -> throw new IllegalStateException("there is no place $" + letter);
    };
  }

  private String padding() {
    return switch (random.nextInt(4)) {
      case 0 -> "'valid'";
      case 1 -> rank == 2 && random.nextBoolean() ? "'causal'" : "'same'";
      default -> sides(List.of(0, 0, 1, 1, 2, 3, 5));
    };
  }

  /** One number for all axes but the channels, one for each, or a pair for each. */
  private String sides(List<Integer> choices) {
    if (random.nextInt(3) > 0) {
      return perAxis(choices);
    }
    return IntStream.range(1, rank)
        .mapToObj(_ -> numbers(2, choices))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private String perAxis(List<Integer> choices) {
    return random.nextBoolean() ? String.valueOf(pick(choices)) : numbers(rank - 1, choices);
  }

  private String numbers(int count, List<Integer> choices) {
    return IntStream.range(0, count)
        .mapToObj(_ -> String.valueOf(pick(choices)))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private String permutation() {
    List<Integer> axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.shuffle(axes, Random.from(random));
    return axes.toString();
  }

  public int below(int bound) {
    return random.nextInt(bound);
  }

  public boolean coin() {
    return random.nextBoolean();
  }

  public <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
