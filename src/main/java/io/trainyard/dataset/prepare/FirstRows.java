package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.EncodingFitter;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.tensor.Shape;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The first rows of a job's dataset as a caller would ask for their predictions.
 *
 * @param encoding that has learned from these rows alone
 * @param instances objects by input column; windows as lists
 */
public record FirstRows(Encoding encoding, ArrayNode instances) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int COUNT = 3;

  /** Wider rows come alone. */
  private static final long MOST_VALUES = 100_000;

  /** Null when the rows are so wide that reading one takes long. */
  static @Nullable FirstRows read(DatasetRows source, DataPlan plan) {
    int window =
        plan.encoding().inputs().values().stream().mapToInt(InputEncoding::rows).max().orElse(1);
    long each = plan.encoding().rowValues();
    if (each * window > MOST_VALUES) {
      return null;
    }
    int count = each * (COUNT + window) > MOST_VALUES ? 1 : COUNT;
    int rows = (int) Math.min(plan.selectedRows(), (long) count + window - 1);
    List<Rows> chunks = new ArrayList<>();
    source.first(
        plan.version(),
        plan.selection().where(),
        List.copyOf(plan.encoding().columnNames()),
        rows,
        chunks::add);
    EncodingFitter fitter = new EncodingFitter(plan.encoding());
    for (EncodingFitter.Pass pass : fitter.passes(rows)) {
      chunks.forEach(chunk -> pass.read(chunk, _ -> true));
      pass.finish();
    }
    return new FirstRows(
        fitter.fitted(), instances(plan.encoding(), chunks, Math.max(1, rows - window + 1)));
  }

  private static ArrayNode instances(Encoding encoding, List<Rows> chunks, int count) {
    Map<String, Integer> lengths = encoding.windowLengths();
    Map<String, List<JsonNode>> cells = new LinkedHashMap<>();
    for (InputEncoding input : encoding.inputs().values()) {
      for (ColumnEncoding column : input.columns()) {
        cells.computeIfAbsent(column.column(), _ -> cells(column, chunks));
      }
    }
    ArrayNode instances = JSON.arrayNode(count);
    for (int i = 0; i < count; i++) {
      ObjectNode instance = instances.addObject();
      int first = i;
      cells.forEach(
          (name, values) -> {
            int length = Objects.requireNonNull(lengths.get(name));
            instance.set(
                name,
                length == 0
                    ? values.get(first)
                    : JSON.arrayNode().addAll(values.subList(first, first + length)));
          });
    }
    return instances;
  }

  private static List<JsonNode> cells(ColumnEncoding column, List<Rows> chunks) {
    List<JsonNode> cells = new ArrayList<>();
    for (Rows chunk : chunks) {
      ColumnValues values = chunk.column(column.column());
      for (int row = 0; row < chunk.count(); row++) {
        cells.add(values.isMissing(row) ? JSON.nullNode() : cell(column, values, row));
      }
    }
    return cells;
  }

  private static JsonNode cell(ColumnEncoding column, ColumnValues values, int row) {
    return switch (values) {
      case ColumnValues.Texts texts ->
          switch (column.type()) {
            case BOOLEAN -> JSON.booleanNode(Boolean.parseBoolean(texts.label(row)));
            case INTEGER, NUMBER, STRING, TIMESTAMP, TENSOR -> JSON.stringNode(texts.label(row));
          };
      case ColumnValues.Integers integers when column.type() == ColumnType.TIMESTAMP ->
          JSON.stringNode(
              Instant.EPOCH.plus(integers.elements()[row], ChronoUnit.MICROS).toString());
      case ColumnValues.Integers integers ->
          nested(column.shape(), 0, values, new int[] {row * integers.width()});
      case ColumnValues.Numbers numbers ->
          nested(column.shape(), 0, values, new int[] {row * numbers.width()});
    };
  }

  private static JsonNode nested(@Nullable Shape shape, int axis, ColumnValues values, int[] next) {
    if (shape == null || axis == shape.rank()) {
      int at = next[0]++;
      return values instanceof ColumnValues.Integers integers
          ? JSON.numberNode(integers.elements()[at])
          : JSON.numberNode(InputEncoding.element(values, at));
    }
    ArrayNode list = JSON.arrayNode(shape.axis(axis));
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(shape, axis + 1, values, next));
    }
    return list;
  }
}
