package io.trainyard.store.label;

import io.trainyard.label.Labelled;
import io.trainyard.label.Selection;
import java.util.Map;

/** The conditions of a list. */
public final class LabelConditions {
  private LabelConditions() {}

  /**
   * Conditions that begin with {@code and}; empty where all things are selected.
   *
   * @param alias of the things' table
   * @param created the expression of the time at which one was made
   * @param parameters gets those of the conditions
   */
  public static String and(
      Labelled kind,
      Selection selection,
      String alias,
      String created,
      Map<String, Object> parameters) {
    return LabelTables.of(kind).and(selection, alias, created, parameters);
  }
}
