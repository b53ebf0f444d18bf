package io.trainyard.attack;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A job in which one text is long: the answer names the fault, and does not repeat the text. */
final class LongTexts {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String JOB =
      """
      {"initial_weights":{"model":"m","version":1},"on_success":{"alias":"a"},
       "resources":{"device":"cpu","pool":"cpu"},
       "model":{"name":"m","data_format":"channels_last",
        "inputs":{"x":{"columns":["petal_width"],"scale":"standard","impute":"mean"},
         "w":{"column":"petal_length","window":{"order_by":"petal_length","group_by":"species",
           "length":1,"horizon":1},"like":"m@1","output":"o"}},
        "targets":{"t":{"column":"species","as":"class","output":"d","classes":["a"],"input":"x"}},
        "network":{"data_format":"channels_last","outputs":["d"],"layers":[
         {"type":"dense","units":3,"name":"d","inputs":["x"],"activation":"relu",
          "initializer":"zeros","bias_initializer":{"type":"zeros"},"share":"d"},
         {"type":"conv2d","filters":1,"kernel_size":1,"padding":"same"},
         {"type":"activation","function":"relu"},
         {"type":"lambda","expression":"x","parameters":{"p":{"shape":[1],"initializer":"ones"}}},
         {"type":"model","ref":"m@1"}]}},
       "dataset":{"name":"large-iris","where":"petal_width > 1",
        "split":{"validation":0.2,"stratify":"species","by":"random"},
        "validation_dataset":{"name":"large-iris"}},
       "training":{"epochs":1,"optimizer":{"type":"sgd","schedule":{"type":"cosine"}},
        "schedule":"cosine","loss":"mse","losses":{"o":{"type":"mse"}},"loss_weights":{"o":1},
        "metrics":["mae"],"monitor":"val_loss","publish":"best",
        "early_stopping":{"monitor":"val_loss","mode":"min","patience":1}}}
      """;

  private LongTexts() {}

  /** One kind for each text of the job, and one for each name of a member. */
  static List<LargeBodies.Kind> kinds() {
    List<LargeBodies.Kind> kinds = new ArrayList<>();
    walk(JSON.readTree(JOB), "", kinds);
    return kinds;
  }

  private static void walk(JsonNode node, String pointer, List<LargeBodies.Kind> kinds) {
    if (node.isString()) {
      kinds.add(kind("text at " + pointer, text -> replaced(pointer, text)));
    }
    for (int i = 0; i < (node.isArray() ? node.size() : 0); i++) {
      walk(node.get(i), pointer + "/" + i, kinds);
    }
    for (var member : node.properties()) {
      String at = pointer + "/" + member.getKey();
      kinds.add(kind("name of " + at, text -> renamed(pointer, member.getKey(), text)));
      walk(member.getValue(), at, kinds);
    }
  }

  private interface Change {
    JsonNode with(String text);
  }

  private static LargeBodies.Kind kind(String name, Change change) {
    return new LargeBodies.Kind(
        name,
        "/v1/jobs",
        1,
        n -> change.with("t".repeat(Math.max(1, n - JOB.length()))).toString());
  }

  private static JsonNode replaced(String pointer, String text) {
    JsonNode job = JSON.readTree(JOB);
    int end = pointer.lastIndexOf('/');
    String last = pointer.substring(end + 1);
    switch (job.at(pointer.substring(0, end))) {
      case ObjectNode object -> object.put(last, text);
      case ArrayNode list -> list.set(Integer.parseInt(last), JSON.valueToTree(text));
      case JsonNode other -> throw new IllegalStateException(pointer + " is in " + other);
    }
    return job;
  }

  private static JsonNode renamed(String pointer, String member, String text) {
    JsonNode job = JSON.readTree(JOB);
    ObjectNode object = (ObjectNode) job.at(pointer);
    JsonNode kept = object.remove(member);
    object.set(text, kept);
    return job;
  }
}
