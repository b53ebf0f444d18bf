package io.trainyard.predict.request;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.RowLayout;
import io.trainyard.dataset.encoding.RowLayout.Column;
import io.trainyard.dataset.encoding.RowLayout.Place;
import io.trainyard.dataset.encoding.RowLayout.Slot;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.RowNames;
import io.trainyard.predict.request.NumberScanner.Unexpected;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fast reader for most bodies: {@code {"instances": [...]}} without other members. Values go from
 * the bytes to the encoded rows, without an object for each. Gives null for every other body, valid
 * or not; {@link JsonRequest} then reads it and reports the faults.
 */
final class PlainInstances {
  private static final Shape ONE = Shape.of(1);
  private static final byte[] INSTANCES = RowNames.quoted("instances");

  private final NumberScanner in;
  private final RowLayout layout;
  private final RowNames names;
  private final InstanceBlock block;
  private final boolean[] seen;

  private PlainInstances(byte[] body, RowNames names, ByteBudget.Reservation memory) {
    this.in = new NumberScanner(body);
    this.names = names;
    this.layout = names.layout();
    this.block = new InstanceBlock(layout, memory);
    this.seen = new boolean[layout.columns().size()];
  }

  /** The encoded inputs; their memory is reserved as they come. */
  static @Nullable Map<String, HostTensor> read(
      byte[] body, LoadedModel model, ByteBudget.Reservation memory) {
    RowNames names = model.rowNames();
    if (names == null) {
      return null;
    }
    long before = memory.held();
    try {
      return new PlainInstances(body, names, memory).read(model.rowCost().inputBytes());
    } catch (Unexpected e) {
      // The full reader says what is wrong, or reads it.
      memory.reduceTo(before);
      return null;
    }
  }

  private Map<String, HostTensor> read(long rowBytes) throws Unexpected {
    in.expect('{');
    if (!in.takeName(INSTANCES)) {
      throw NumberScanner.unexpected();
    }
    in.expect('[');
    int start = in.position();
    int count = 0;
    do {
      block.next(rowBytes, count == 0 ? 1 : rowsFor(start, count));
      instance();
      count++;
    } while (in.take(','));
    in.expect(']');
    in.expect('}');
    in.expectEnd();
    return block.finish();
  }

  /** How many rows of the average length so far the whole body has, and a few more. */
  private long rowsFor(int start, int count) {
    long length = Math.max(1, (in.position() - start) / count);
    return in.length() / length + 1 + count / 16;
  }

  private void instance() throws Unexpected {
    List<Column> columns = layout.columns();
    if (!in.isNext('{')) {
      inOrder(columns);
      return;
    }
    int width = columns.size();
    Arrays.fill(seen, false);
    int given = 0;
    in.expect('{');
    if (!in.take('}')) {
      int expected = 0;
      do {
        int column = column(expected);
        if (column >= 0) {
          if (seen[column]) {
            throw NumberScanner.unexpected();
          }
          seen[column] = true;
          given++;
          cell(columns.get(column), column);
          expected = column + 1 < width ? column + 1 : 0;
        } else {
          in.skipScalar();
        }
      } while (in.take(','));
      in.expect('}');
    }
    if (given < width) {
      for (int i = 0; i < width; i++) {
        if (!seen[i]) {
          missing(columns.get(i));
        }
      }
    }
  }

  /** An instance that is no object. */
  private void inOrder(List<Column> columns) throws Unexpected {
    Column first = columns.getFirst();
    boolean single = columns.size() == 1 && first.length() == 0;
    if (single && (first.shape() != null || !in.isNext('['))) {
      value(first, 0, 0);
      return;
    }
    if (names.takesTensors()) {
      throw NumberScanner.unexpected();
    }
    in.expect('[');
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        in.expect(',');
      }
      if (columns.get(i).length() > 0) {
        throw NumberScanner.unexpected();
      }
      value(columns.get(i), i, 0);
    }
    in.expect(']');
  }

  /** Takes the name of a member: the place of its column, or −1 for one that is ignored. */
  private int column(int expected) throws Unexpected {
    if (in.takeName(names.quoted(expected))) {
      return expected;
    }
    in.name();
    int column = names.column(in.bytes(), in.textStart(), in.textEnd());
    in.expect(':');
    if (column == RowNames.UNKNOWN) {
      throw NumberScanner.unexpected();
    }
    return column;
  }

  private void cell(Column column, int index) throws Unexpected {
    if (column.length() == 0) {
      value(column, index, 0);
      return;
    }
    in.expect('[');
    for (int row = 0; row < column.length(); row++) {
      if (row > 0) {
        in.expect(',');
      }
      value(column, index, row);
    }
    in.expect(']');
  }

  /**
   * One value.
   *
   * @param row its place in the list of a window
   */
  private void value(Column column, int index, int row) throws Unexpected {
    if (in.takeNull()) {
      if (column.length() > 0 || names.takesTensors()) {
        throw NumberScanner.unexpected();
      }
      missing(column);
    } else if (column.hasLabels()) {
      label(column, index, row);
    } else if (column.shape() == null) {
      number(column.slots(), row, 0);
    } else {
      tensor(column, column.shape(), 0, row, 0);
    }
  }

  /** Reads one nested list and returns where the next one goes. */
  private int tensor(Column column, Shape shape, int axis, int row, int at) throws Unexpected {
    if (axis == shape.rank()) {
      number(column.slots(), row, at);
      return at + 1;
    }
    if (shape.equals(ONE) && !in.isNext('[')) {
      number(column.slots(), row, at);
      return at + 1;
    }
    in.expect('[');
    int length = shape.axis(axis);
    if (axis + 1 == shape.rank() && column.slots().size() == 1) {
      numbers((Slot.Numbers) column.slots().getFirst(), row, at, length);
      in.expect(']');
      return at + length;
    }
    int next = at;
    for (int i = 0; i < length; i++) {
      if (i > 0) {
        in.expect(',');
      }
      next = tensor(column, shape, axis + 1, row, next);
    }
    in.expect(']');
    return next;
  }

  /** The innermost list of a tensor. */
  private void numbers(Slot.Numbers slot, int row, int at, int length) throws Unexpected {
    Place place = slot.place();
    float[] floats = block.floats(place.input());
    int to = block.index(place, row) + at;
    if (floats == null || !slot.isIdentity()) {
      for (int i = 0; i < length; i++) {
        if (i > 0) {
          in.expect(',');
        }
        number(slot, row, at + i);
      }
      return;
    }
    for (int i = 0; i < length; i++) {
      if (i > 0) {
        in.expect(',');
      }
      floats[to + i] = in.floatNumber();
    }
  }

  private void number(List<Slot> slots, int row, int at) throws Unexpected {
    if (slots.size() == 1) {
      number((Slot.Numbers) slots.getFirst(), row, at);
      return;
    }
    int start = in.position();
    for (Slot slot : slots) {
      in.backTo(start);
      number((Slot.Numbers) slot, row, at);
    }
  }

  private void number(Slot.Numbers slot, int row, int at) throws Unexpected {
    int input = slot.place().input();
    if (layout.inputs().get(input).type() == ElementType.INT64) {
      long whole = in.whole();
      if (row >= slot.place().skipped()) {
        block.set(slot.place(), row, at, whole);
      }
      return;
    }
    float x = slot.scaled(in.number());
    if (row >= slot.place().skipped()) {
      if (!Float.isFinite(x)) {
        throw NumberScanner.unexpected();
      }
      block.set(slot.place(), row, at, x);
    }
  }

  private void label(Column column, int index, int row) throws Unexpected {
    ColumnType type = ((Slot.Label) column.slots().getFirst()).type();
    switch (type) {
      case STRING, TIMESTAMP, TENSOR -> in.text();
      case BOOLEAN -> in.truth();
      case INTEGER, NUMBER -> in.wholeToken();
    }
    for (int i = 0; i < column.slots().size(); i++) {
      Slot.Label slot = (Slot.Label) column.slots().get(i);
      if (row < slot.place().skipped()) {
        continue;
      }
      int position = names.label(index, i, in.bytes(), in.textStart(), in.textEnd());
      if (position < 0 && (slot.known() || !in.isAscii())) {
        throw NumberScanner.unexpected();
      }
      put(slot, row, position < 0 ? slot.unknown() : position);
    }
  }

  private void put(Slot.Label slot, int row, int position) {
    if (layout.inputs().get(slot.place().input()).type() == ElementType.INT64) {
      block.set(slot.place(), row, 0, (long) Math.max(0, position));
    } else if (position >= 0) {
      block.set(slot.place(), row, slot.elementOf(position), slot.numberOf(position));
    }
  }

  private void missing(Column column) throws Unexpected {
    if (column.length() > 0) {
      throw NumberScanner.unexpected();
    }
    for (Slot slot : column.slots()) {
      switch (slot) {
        case Slot.Label label -> {
          if (label.required()) {
            throw NumberScanner.unexpected();
          }
          put(label, 0, label.fill());
          if (label.indicator() >= 0) {
            block.set(label.place(), 0, label.indicator(), 1f);
          }
        }
        case Slot.Numbers number -> {
          if (number.isRequired()) {
            throw NumberScanner.unexpected();
          }
          float x = number.scaled(number.fill());
          if (!Float.isFinite(x)) {
            throw NumberScanner.unexpected();
          }
          boolean whole = layout.inputs().get(number.place().input()).type() == ElementType.INT64;
          for (int i = 0; i < number.count(); i++) {
            if (whole) {
              block.set(number.place(), 0, i, (long) number.fill());
            } else {
              block.set(number.place(), 0, i, x);
            }
          }
          if (number.indicator()) {
            block.set(number.place(), 0, number.count(), 1f);
          }
        }
      }
    }
  }
}
