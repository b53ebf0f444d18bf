package io.trainyard.dataset;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The plain CSV of tests: a cell may be quoted, but holds no comma, quote or line break. */
final class CsvText {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private CsvText() {}

  /** The rows as JSON, each cell of the narrowest type that its whole column allows. */
  static List<ObjectNode> rows(String text) {
    List<String[]> lines = text.lines().map(line -> line.split(",", -1)).toList();
    String[] names = lines.getFirst();
    List<String[]> cells = lines.subList(1, lines.size());
    List<ObjectNode> rows = new ArrayList<>();
    cells.forEach(_ -> rows.add(JSON.objectNode()));
    for (int i = 0; i < names.length; i++) {
      int at = i;
      List<String> column = cells.stream().map(line -> line[at].replace("\"", "")).toList();
      List<String> present = column.stream().filter(cell -> !cell.isEmpty()).toList();
      boolean whole = present.stream().allMatch(cell -> cell.matches("-?[0-9]{1,19}"));
      boolean number =
          present.stream().allMatch(cell -> cell.matches("-?[0-9.]+(E-?[0-9]+|e-?[0-9]+)?"));
      boolean flag = present.stream().allMatch(cell -> cell.matches("true|false"));
      for (int row = 0; row < rows.size(); row++) {
        rows.get(row).set(names[i], cell(column.get(row), whole, number, flag));
      }
    }
    return rows;
  }

  private static JsonNode cell(String cell, boolean whole, boolean number, boolean flag) {
    if (cell.isEmpty()) {
      return JSON.nullNode();
    }
    return whole
        ? JSON.numberNode(Long.parseLong(cell))
        : number
            ? JSON.numberNode(Double.parseDouble(cell))
            : flag ? JSON.booleanNode(Boolean.parseBoolean(cell)) : JSON.stringNode(cell);
  }
}
