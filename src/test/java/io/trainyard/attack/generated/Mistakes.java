package io.trainyard.attack.generated;

import io.trainyard.crash.Draw;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Changes random members of a job: some of them are as good as before. */
final class Mistakes {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1",
          "2",
          "1.5",
          "1e30",
          "'x'",
          "'y'",
          "'t'",
          "''",
          "[]",
          "{}",
          "[1]",
          "['x']",
          "'val_loss'",
          "'best'",
          "'softmax'",
          "'relu'",
          "'mse'",
          "'class'",
          "'number'",
          "'index'",
          "'standard'",
          "['accuracy']",
          "['r2']",
          "{'column':'y'}");

  /** Long trainings and jobs with other names help nobody. */
  private static final List<String> KEPT = List.of("epochs", "name", "dataset");

  private final Table table;
  private final Draw draw;

  Mistakes(Table table, Draw draw) {
    this.table = table;
    this.draw = draw;
  }

  void make(ObjectNode body) {
    int count = 1 + draw.below(2);
    for (int i = 0; i < count; i++) {
      make(draw.pick(places(body)));
    }
  }

  /** A member of an object, or an element of a list. */
  private record Place(JsonNode owner, String member, int index) {}

  private static List<Place> places(JsonNode body) {
    List<Place> places = new ArrayList<>();
    add(body, places);
    return places;
  }

  private static void add(JsonNode node, List<Place> places) {
    for (var member : node.properties()) {
      if (!KEPT.contains(member.getKey()) || member.getValue().isContainer()) {
        places.add(new Place(node, member.getKey(), 0));
      }
      add(member.getValue(), places);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      // Of a long list of columns, some are enough.
      if (i < 6) {
        places.add(new Place(node, "", i));
        add(node.get(i), places);
      }
    }
  }

  private void make(Place place) {
    switch (place.owner()) {
      case ObjectNode owner -> change(owner, place.member());
      case ArrayNode owner -> change(owner, place.index());
      default -> throw new IllegalStateException("a place is in an object or a list");
    }
  }

  private void change(ObjectNode owner, String member) {
    switch (draw.below(5)) {
      case 0 -> owner.remove(member);
      case 1 -> {
        JsonNode old = owner.remove(member);
        owner.set(member + draw.pick(List.of("s", "_", "X")), old);
      }
      case 2 -> owner.set(member, column());
      default -> owner.set(member, value());
    }
  }

  private void change(ArrayNode owner, int index) {
    switch (draw.below(4)) {
      case 0 -> owner.remove(index);
      case 1 -> owner.add(owner.get(index).deepCopy());
      case 2 -> owner.set(index, column());
      default -> owner.set(index, value());
    }
  }

  private JsonNode column() {
    return JsonNodeFactory.instance.stringNode(draw.pick(table.columns()).name());
  }

  private JsonNode value() {
    String text = draw.pick(VALUES).replace('\'', '"');
    return StrictJson.parse("{\"v\":" + text + "}").get("v");
  }
}
