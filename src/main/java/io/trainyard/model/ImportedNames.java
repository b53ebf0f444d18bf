package io.trainyard.model;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Gives the tensors of an uploaded file the names that the network has for them. A caller renames
 * tensors or modules; without that, the modules of an nn.Sequential ("0.weight", "2.weight", …) are
 * the network's layers with weights, in order, when all their shapes fit.
 */
final class ImportedNames {
  private static final String RENAME = "/rename";

  /** The name of a tensor in an nn.Sequential: what it lies in, its position, the parameter. */
  private static final Pattern POSITION =
      Pattern.compile("((?:[^.]*[^.\\d][^.]*\\.)*)(\\d{1,9})\\.(.+)");

  private ImportedNames() {}

  /**
   * The new name of each tensor whose name changes.
   *
   * @param file the tensors' shapes by name
   * @param rename new names by name of a tensor or module; null when the caller sent none
   * @param others the network's tensors that come from elsewhere
   */
  static Map<String, String> of(
      Map<String, Shape> file,
      @Nullable JsonNode rename,
      NetworkShapes network,
      Set<String> others,
      Violations violations) {
    if (rename != null) {
      return renamed(file, JsonObject.of(rename, RENAME, violations));
    }
    boolean known = network.weights().stream().anyMatch(weight -> file.containsKey(weight.name()));
    return known || file.isEmpty() ? Map.of() : inOrder(file, network, others);
  }

  private static Map<String, String> renamed(Map<String, Shape> file, JsonObject rename) {
    Map<String, String> wanted = new LinkedHashMap<>();
    for (String from : rename.names()) {
      String to = rename.text(from);
      if (to != null && file.keySet().stream().noneMatch(name -> isPart(from, name))) {
        rename.violate(from, "The file has no tensor or module '" + JsonObject.shorten(from) + "'");
      } else if (to != null) {
        wanted.put(from, to);
      }
    }
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, String> origins = new LinkedHashMap<>();
    for (String name : file.keySet()) {
      String from = longest(wanted, name);
      String to = from == null ? name : moved(name, from, wanted.getOrDefault(from, ""));
      String other = origins.putIfAbsent(to, name);
      if (other != null) {
        String member = from == null ? longest(wanted, other) : from;
        rename
            .violations()
            .add(
                member == null ? RENAME : rename.pointer(member),
                "'%s' and '%s' would both be '%s'"
                    .formatted(
                        JsonObject.shorten(other),
                        JsonObject.shorten(name),
                        JsonObject.shorten(to)));
      }
      names.put(name, to);
    }
    return names;
  }

  private static boolean isPart(String module, String name) {
    return name.equals(module) || name.startsWith(module + ".");
  }

  private static @Nullable String longest(Map<String, String> wanted, String name) {
    String longest = null;
    for (String from : wanted.keySet()) {
      if (isPart(from, name) && (longest == null || from.length() > longest.length())) {
        longest = from;
      }
    }
    return longest;
  }

  /** The name with another beginning; an empty one drops the module. */
  private static String moved(String name, String from, String to) {
    String rest = name.substring(from.length());
    return to.isEmpty() && rest.startsWith(".") ? rest.substring(1) : to + rest;
  }

  private static Map<String, String> inOrder(
      Map<String, Shape> file, NetworkShapes network, Set<String> others) {
    Map<Integer, Map<String, Shape>> modules = new TreeMap<>();
    Map<Integer, String> prefixes = new TreeMap<>();
    for (var tensor : file.entrySet()) {
      Matcher name = POSITION.matcher(tensor.getKey());
      if (!name.matches()) {
        return Map.of();
      }
      int position = Integer.parseInt(name.group(2));
      modules
          .computeIfAbsent(position, p -> new LinkedHashMap<>())
          .put(name.group(3), tensor.getValue());
      prefixes.put(position, name.group(1));
    }
    List<String> layers = new ArrayList<>();
    List<Map<String, Shape>> slots = new ArrayList<>();
    for (Map.Entry<String, LayerShape> layer : network.layers().entrySet()) {
      List<WeightSpec> weights = layer.getValue().weights();
      if (!weights.isEmpty() && weights.stream().noneMatch(w -> others.contains(w.name()))) {
        String stored = NestedSpec.stored(layer.getKey());
        layers.add(stored);
        slots.add(slots(stored, weights));
      }
    }
    boolean alone = prefixes.values().stream().distinct().count() == 1;
    if (!alone || layers.size() != modules.size()) {
      return Map.of();
    }
    Map<String, String> names = new LinkedHashMap<>();
    int next = 0;
    for (var module : modules.entrySet()) {
      Map<String, Shape> wanted = slots.get(next);
      Map<String, Shape> given = module.getValue();
      // A file may leave out what counts batches.
      boolean fits =
          wanted.entrySet().containsAll(given.entrySet())
              && wanted.keySet().stream()
                  .allMatch(slot -> given.containsKey(slot) || slot.equals("num_batches_tracked"));
      if (!fits) {
        return Map.of();
      }
      String from = prefixes.get(module.getKey()) + module.getKey() + ".";
      String to = layers.get(next++) + ".";
      given.keySet().forEach(slot -> names.put(from + slot, to + slot));
    }
    return names;
  }

  private static Map<String, Shape> slots(String layer, List<WeightSpec> weights) {
    Map<String, Shape> slots = new LinkedHashMap<>();
    weights.forEach(
        weight -> slots.put(weight.name().substring(layer.length() + 1), weight.shape()));
    return slots;
  }

  /**
   * What to do about names that do not fit, when the network has other names for all tensors;
   * otherwise null.
   */
  static @Nullable String advice(Map<String, Shape> file, NetworkShapes network) {
    List<WeightSpec> weights = network.weights();
    boolean known = weights.stream().anyMatch(weight -> file.containsKey(weight.name()));
    if (known || file.isEmpty() || weights.isEmpty()) {
      return null;
    }
    WeightSpec first = weights.getFirst();
    String theirs =
        file.entrySet().stream()
            .filter(tensor -> tensor.getValue().equals(first.shape()))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(file.keySet().iterator().next());
    String ours = first.name();
    return "The file has other names than the network, such as '%s' where the network has '%s'. The part 'rename' gives tensors or modules new names: {\"%s\": \"%s\"}"
        .formatted(
            JsonObject.shorten(theirs), ours, JsonObject.shorten(module(theirs)), module(ours));
  }

  private static String module(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
