package io.trainyard.onnx.format;

import io.trainyard.onnx.format.RowFlow.Count;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What files compute about shapes: whole numbers, of which some are the number of rows N or a
 * multiple of it. Exporters write such a list as the target of a Reshape or an Expand.
 */
final class CountRules {
  /** Of a list whose numbers are known. */
  static final int MOST = 64;

  /** So many times the number of rows are within 64 bits, for 2³² rows. */
  private static final long MOST_PER_ROW = 1L << 31;

  /** And within 32 bits, for 2²¹ rows. */
  private static final long MOST_PER_ROW_NARROW = 1L << 10;

  private static final int INT32 = OnnxTypes.INT32;
  private static final int INT64 = OnnxTypes.INT64;

  private final Node node;
  private final List<RowFlow> given;
  private final boolean narrow;

  /**
   * @param given without those that are left out
   * @param narrow whether the numbers that it gives have 32 bits
   */
  CountRules(Node node, List<RowFlow> given, boolean narrow) {
    this.node = node;
    this.given = given;
    this.narrow = narrow;
  }

  /** Whether numbers of an element type are followed. */
  static boolean isCounted(int type) {
    return type == INT32 || type == INT64;
  }

  /** Whether numbers have 32 bits. */
  static boolean areNarrow(long... numbers) {
    return Arrays.stream(numbers).allMatch(number -> number == (int) number);
  }

  /**
   * The numbers that the operator gives; null when it is none of these, they are not known, or they
   * may leave their element type.
   */
  @Nullable RowFlow result() {
    int gap = node.inputs().indexOf("");
    RowFlow result = gap >= 0 && gap < given.size() ? null : numbers();
    return result == null || counts(result).stream().allMatch(this::fits) ? result : null;
  }

  private boolean fits(Count count) {
    long most = narrow ? MOST_PER_ROW_NARROW : MOST_PER_ROW;
    return count.perRow()
        ? count.factor() >= -most && count.factor() <= most
        : !narrow || areNarrow(count.factor());
  }

  private @Nullable RowFlow numbers() {
    if (given.isEmpty()) {
      return null;
    }
    RowFlow first = given.getFirst();
    if (node.operator().equals("Shape") || node.operator().equals("Size")) {
      return node.operator().equals("Shape") ? shape(first) : size(first);
    }
    boolean known = given.stream().allMatch(each -> each.counts() != null && each.rank() <= 1);
    if (!known) {
      return null;
    }
    List<Count> list = numbers(0);
    return switch (node.operator()) {
      case "Identity" -> first;
      case "Cast" -> {
        long to = node.integer("to", 0);
        yield to == INT64 || to == INT32 ? first : null;
      }
      case "Gather" -> gathered(list);
      case "Slice" -> sliced(list);
      case "Concat" -> {
        List<Count> all = new ArrayList<>();
        given.forEach(each -> all.addAll(counts(each)));
        yield all.size() <= MOST ? RowFlow.list(all) : null;
      }
      case "Unsqueeze" -> {
        int axes = given.size() > 1 ? numbers(1).size() : node.count("axes");
        yield first.rank() == 0 && axes == 1 ? RowFlow.list(list) : null;
      }
      case "Squeeze" -> list.size() == 1 ? RowFlow.scalar(list.getFirst()) : null;
      case "Reshape" -> {
        List<Count> target = given.size() == 2 ? numbers(1) : List.of();
        boolean same =
            target.size() == 1
                && (target.getFirst().equals(Count.of(-1)) || isLength(target, list));
        yield same ? RowFlow.list(list) : null;
      }
      case "ConstantOfShape" -> filled(list);
      case "Add" ->
          each(
              (a, b) ->
                  a.perRow() || b.perRow()
                      ? null
                      : Count.of(Math.addExact(a.factor(), b.factor())));
      case "Sub" ->
          each(
              (a, b) ->
                  a.perRow() || b.perRow()
                      ? null
                      : Count.of(Math.subtractExact(a.factor(), b.factor())));
      case "Mul" ->
          each(
              (a, b) ->
                  a.perRow() && b.perRow()
                      ? null
                      : new Count(
                          Math.multiplyExact(a.factor(), b.factor()), a.perRow() || b.perRow()));
      case "Div" -> each(CountRules::quotient);
      case "Mod" ->
          each(
              (a, b) ->
                  a.perRow() || b.perRow() || a.factor() < 0 || b.factor() <= 0
                      ? null
                      : Count.of(Math.floorMod(a.factor(), b.factor())));
      case "Equal" -> each(CountRules::equal);
      case "Where" -> chosen();
      default -> null;
    };
  }

  private static boolean isLength(List<Count> target, List<Count> list) {
    return target.getFirst().equals(Count.of(list.size()));
  }

  private static List<Count> counts(RowFlow value) {
    List<Count> counts = value.counts();
    return counts == null ? List.of() : counts;
  }

  private List<Count> numbers(int index) {
    return counts(given.get(index));
  }

  private @Nullable RowFlow shape(RowFlow x) {
    if (!x.hasShape()) {
      return null;
    }
    List<Count> all = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      all.add(new Count(x.shape()[i], i == x.axis()));
    }
    int rank = x.rank();
    long start = node.integer("start", 0);
    long end = node.has("end") ? node.integer("end", 0) : rank;
    int from = Math.clamp(start < 0 ? start + rank : start, 0, rank);
    int to = Math.clamp(end < 0 ? end + rank : end, from, rank);
    return RowFlow.list(all.subList(from, to));
  }

  private static @Nullable RowFlow size(RowFlow x) {
    return x.hasShape()
        ? RowFlow.scalar(new Count(RowFlow.product(x.shape(), 0, x.rank()), x.hasRows()))
        : null;
  }

  private @Nullable RowFlow gathered(List<Count> list) {
    List<Count> taken = new ArrayList<>();
    for (Count index : numbers(1)) {
      long place = index.factor() < 0 ? index.factor() + list.size() : index.factor();
      if (index.perRow() || place < 0 || place >= list.size()) {
        return null;
      }
      taken.add(list.get((int) place));
    }
    return given.get(1).rank() == 0 ? RowFlow.scalar(taken.getFirst()) : RowFlow.list(taken);
  }

  private @Nullable RowFlow sliced(List<Count> list) {
    boolean old = node.has("starts");
    long[] starts =
        old ? node.integers("starts") : given.size() > 1 ? given.get(1).numbers() : null;
    long[] ends = old ? node.integers("ends") : given.size() > 2 ? given.get(2).numbers() : null;
    boolean backwards = given.size() > 4 && !Arrays.equals(given.get(4).numbers(), new long[] {1});
    if (starts == null || ends == null || starts.length != 1 || ends.length != 1 || backwards) {
      return null;
    }
    int size = list.size();
    int from = Math.clamp(starts[0] < 0 ? starts[0] + size : starts[0], 0, size);
    int to = Math.clamp(ends[0] < 0 ? ends[0] + size : ends[0], 0, size);
    return RowFlow.list(list.subList(from, Math.max(from, to)));
  }

  private @Nullable RowFlow filled(List<Count> list) {
    Constant value = node.tensor("value");
    long[] number = value == null ? null : RowFlow.of(value).numbers();
    if (number == null) {
      return null;
    }
    if (list.size() != 1
        || list.getFirst().perRow()
        || list.getFirst().factor() < 0
        || list.getFirst().factor() > MOST
        || number.length != 1) {
      return null;
    }
    Count[] all = new Count[(int) list.getFirst().factor()];
    Arrays.fill(all, Count.of(number[0]));
    return RowFlow.list(List.of(all));
  }

  /** Combines two numbers; null when the result is not known. */
  @FunctionalInterface
  private interface Rule {
    @Nullable Count of(Count a, Count b);
  }

  private @Nullable RowFlow each(Rule rule) {
    if (given.size() != 2) {
      return null;
    }
    List<Count> a = numbers(0);
    List<Count> b = numbers(1);
    int size = Math.max(a.size(), b.size());
    List<Count> results = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      if ((a.size() != size && a.size() != 1) || (b.size() != size && b.size() != 1)) {
        return null;
      }
      Count result = rule.of(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i));
      if (result == null) {
        return null;
      }
      results.add(result);
    }
    return shaped(results);
  }

  private RowFlow shaped(List<Count> results) {
    boolean scalar = given.stream().allMatch(each -> each.rank() == 0);
    return scalar ? RowFlow.scalar(results.getFirst()) : RowFlow.list(results);
  }

  private static @Nullable Count quotient(Count a, Count b) {
    if (b.factor() <= 0 || a.factor() < 0 || (b.perRow() && !a.perRow())) {
      return null;
    }
    boolean whole = a.factor() % b.factor() == 0;
    // N is left only when it is in the dividend alone; a rounded share of it is not known.
    return a.perRow() && !whole
        ? null
        : new Count(a.factor() / b.factor(), a.perRow() && !b.perRow());
  }

  /** 1 where two numbers are equal for each number of rows, 0 where they never are. */
  private static @Nullable Count equal(Count a, Count b) {
    if (a.perRow() == b.perRow()) {
      return Count.of(a.factor() == b.factor() ? 1 : 0);
    }
    long multiple = a.perRow() ? a.factor() : b.factor();
    long other = a.perRow() ? b.factor() : a.factor();
    boolean never = multiple > 0 ? other < multiple : multiple < 0 && other > multiple;
    return never ? Count.of(0) : null;
  }

  private @Nullable RowFlow chosen() {
    if (given.size() != 3) {
      return null;
    }
    int size = given.stream().mapToInt(each -> counts(each).size()).max().orElse(0);
    List<Count> results = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int place = i;
      List<Count> three =
          given.stream()
              .map(CountRules::counts)
              .filter(list -> list.size() == size || list.size() == 1)
              .map(list -> list.get(list.size() == 1 ? 0 : place))
              .toList();
      if (three.size() != 3 || three.getFirst().perRow()) {
        return null;
      }
      results.add(three.getFirst().factor() != 0 ? three.get(1) : three.get(2));
    }
    return shaped(results);
  }
}
