package io.trainyard.store.access;

import io.trainyard.access.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A condition for the names that a caller is bound to. */
public final class BoundNames {
  private BoundNames() {}

  /**
   * A condition that begins with {@code and}; empty where the caller may see all.
   *
   * @param column with the name
   * @param parameters gets those of the condition
   */
  public static String and(Binding binding, String column, Map<String, Object> parameters) {
    if (binding.isAll()) {
      return "";
    }
    List<String> any = new ArrayList<>(List.of("1 = 0"));
    String parameter = "bound_" + column.replace('.', '_');
    if (!binding.names().isEmpty()) {
      any.add("%s in (:%s)".formatted(column, parameter));
      parameters.put(parameter, binding.names());
    }
    List<String> beginnings = binding.beginnings();
    for (int i = 0; i < beginnings.size(); i++) {
      String one = parameter + i;
      any.add(
          "substring(%s from 1 for %d) = :%s".formatted(column, beginnings.get(i).length(), one));
      parameters.put(one, beginnings.get(i));
    }
    return " and (" + String.join(" or ", any) + ")";
  }
}
