package io.trainyard.predict;

import io.trainyard.dataset.encoding.RowLayout;
import io.trainyard.dataset.encoding.RowLayout.Column;
import io.trainyard.dataset.encoding.RowLayout.Slot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names of a layout's columns and categories, as bytes of a JSON body. */
public final class RowNames {
  /** A name that nothing reads. */
  public static final int UNKNOWN = -2;

  private static final int IGNORED = -1;

  private final RowLayout layout;
  private final boolean tensors;
  private final List<byte[]> quoted = new ArrayList<>();
  private final NameTable columns;
  private final NameTable ignored;

  /** By column and slot; null for columns of numbers. */
  private final List<@Nullable List<NameTable>> labels = new ArrayList<>();

  /**
   * The names of a layout.
   *
   * @param tensors whether its columns are the inputs of a model that takes tensors
   */
  public RowNames(RowLayout layout, boolean tensors) {
    this.layout = layout;
    this.tensors = tensors;
    this.columns = new NameTable(layout.columns().stream().map(Column::name).toList());
    this.ignored = new NameTable(List.copyOf(layout.ignored()));
    for (Column column : layout.columns()) {
      quoted.add(quoted(column.name()));
      labels.add(
          column.hasLabels()
              ? column.slots().stream()
                  .map(slot -> new NameTable(((Slot.Label) slot).categories()))
                  .toList()
              : null);
    }
  }

  /** A name as JSON writes it, when it needs no escapes. */
  public static byte[] quoted(String name) {
    return ('"' + name + '"').getBytes(StandardCharsets.UTF_8);
  }

  public RowLayout layout() {
    return layout;
  }

  /** Whether the columns are the inputs of a model that takes tensors. */
  public boolean takesTensors() {
    return tensors;
  }

  /** The name of a column in quotes. */
  public byte[] quoted(int column) {
    return quoted.get(column);
  }

  /** The place of a column; a negative number for a name that is ignored or unknown. */
  public int column(byte[] bytes, int from, int to) {
    int column = columns.find(bytes, from, to);
    if (column >= 0) {
      return column;
    }
    return ignored.find(bytes, from, to) >= 0 ? IGNORED : UNKNOWN;
  }

  /** The place of a category, or −1. */
  public int label(int column, int slot, byte[] bytes, int from, int to) {
    List<NameTable> tables = labels.get(column);
    return tables == null ? -1 : tables.get(slot).find(bytes, from, to);
  }
}
