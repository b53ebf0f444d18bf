package io.trainyard.dataset;

import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * Columns in the order of their table, which are also found by name without a look at each of them:
 * who looks up each of 20,000 columns would compare 200 million names.
 */
public final class Columns extends AbstractList<Column> implements RandomAccess {
  private final List<Column> all;
  private final Map<String, Column> byName = new HashMap<>();

  private Columns(List<Column> all) {
    this.all = List.copyOf(all);
    all.forEach(column -> byName.putIfAbsent(column.name(), column));
  }

  /** The same columns; themselves if they are found by name already. */
  public static Columns of(List<Column> columns) {
    return columns instanceof Columns known ? known : new Columns(columns);
  }

  /** The column of a name. */
  public Optional<Column> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  @Override
  public Column get(int index) {
    return all.get(index);
  }

  @Override
  public int size() {
    return all.size();
  }
}
