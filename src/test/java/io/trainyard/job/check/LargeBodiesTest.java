package io.trainyard.job.check;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.access.Identity;
import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Bodies with very much at one place: each place of a job in turn holds a large object, list or
 * text. What is said about one value must not take longer because there are many. A few places are
 * tried each time; {@code -Dlarge.bodies=1000} tries that many and tells the slow ones.
 */
@ServiceTest
@Timeout(600)
class LargeBodiesTest {
  private static final int SAMPLE = Integer.getInteger("large.bodies", 6);
  private static final int BYTES = 4_000_000;

  /** At rest a tenth of it is enough for most. */
  private static final Duration LIMIT = Duration.ofMillis(2_500);

  /** Without a fault: all checks are reached. */
  private static final String VALID =
      """
      {"model": {"name": "valid",
         "inputs": {"x": {"columns": "*", "scale": {"a0": "standard"}, "impute": {"a0": "mean"}}},
         "targets": {"y": {"column": "c", "type": "class"}},
         "network": {"layers": [{"type": "dense", "units": 4, "activation": "relu"},
           {"type": "dense", "units": 2, "activation": "softmax"}]}},
       "dataset": {"name": "wide-rows"},
       "training": {"loss": "categorical_crossentropy", "epochs": 2, "metrics": ["accuracy"],
         "class_weights": {"u": 1, "v": 2}, "learning_rates": {"dense_1": 0.1},
         "optimizer": {"type": "adam", "learning_rate": 0.01}},
       "on_success": {"alias": "production", "when": {"accuracy": {"min": 0.9}}}, "tags": {"k": "v"}}\
      """;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final String JOB =
      """
      {"model": {"name": "large", "description": "d", "tags": {"k": "v"},
         "inputs": {"x": {"columns": ["a", "b", "at"], "scale": {"a": "standard", "b": {"divide": 2}},
             "impute": {"a": "mean", "b": {"constant": 0}}, "encode": {"c": "one_hot"}, "unknown": "zeros",
             "min_count": 2, "missing_indicator": true, "window": {"length": 2, "stride": 1, "group": "c"}},
           "z": {"column": "t", "shape": [2, 3], "layout": "channels_last"}, "l": {"like": "m@1"}},
         "targets": {"y": {"column": "c", "type": "class", "classes": ["u", "v"], "positive": "u",
             "threshold": {"best": "f1"}, "output": "out", "offset": 0},
           "n": {"columns": ["a", "b"], "scale": "standard", "clip": "seen"},
           "i": {"input": "x"}, "h": {"layer": "fc"}},
         "network": {"data_format": "channels_last", "inputs": {"x": {"shape": [3]}}, "outputs": ["out"],
           "layers": [
             {"type": "dense", "name": "fc", "units": 4, "inputs": ["x"], "bias": true, "trainable": true,
               "activation": {"function": "leaky_relu", "alpha": 0.1},
               "initializer": {"type": "uniform", "min": -1, "max": 1}, "bias_initializer": "zeros",
               "regularizer": {"l2": 0.1, "sparsity": {"weight": 1, "proportion": 0.1}},
               "constraint": {"max_norm": 3}},
             {"type": "conv2d", "filters": 2, "kernel_size": [3, 3], "strides": [1, 1],
               "padding": [[1, 1], [1, 1]], "dilation": 1, "groups": 1, "inputs": ["z"]},
             {"type": "lambda", "expression": "a * x + 1", "parameters": {"a": 3.0}},
             {"type": "model", "ref": "m@1", "outputs": ["fc"], "trainable": false},
             {"type": "concat", "axis": 0, "inputs": ["fc", "lambda_1"]},
             {"type": "reshape", "shape": [2, -1]}, {"type": "permute", "axes": [1, 0]},
             {"type": "normalize", "mean": [1, 2], "std": [1, 2]},
             {"type": "dropout", "rate": {"value": 0.1, "schedule": "constant"}},
             {"type": "dense", "name": "out", "units": 2, "activation": "softmax", "share": "fc"}]}},
       "dataset": {"name": "large-rows", "version": 1, "where": "a > 0",
         "split": {"validation": 0.2, "test": 0.1, "stratify": "c", "by": "group", "group": "c"},
         "validation_dataset": {"name": "large-rows", "version": 1}},
       "training": {"loss": {"type": "huber", "delta": 1}, "losses": {"out": "mse"}, "loss_weights": {"out": 1},
         "optimizer": {"type": "adam", "learning_rate": 0.01, "weight_decay": {"value": 0, "schedule": "constant"}},
         "epochs": 2, "batch_size": 4, "seed": 1, "shuffle": true, "monitor": "val_loss", "publish": "best",
         "metrics": {"y": ["accuracy", {"type": "f1", "average": "macro"},
           {"type": "expression", "name": "e", "expression": "abs(y_pred - y_true)", "mode": "min"}]},
         "early_stopping": {"monitor": "val_loss", "mode": "min", "patience": 2, "min_delta": 0},
         "goal": 0, "max_fail": 3, "min_gradient": 0, "time_limit_seconds": 5,
         "class_weights": {"u": 1, "v": 2}, "sample_weight": "a", "label_smoothing": 0.1,
         "gradient_clipping": {"norm": 1}, "gradient_accumulation": 2, "ema": {"decay": 0.9},
         "precision": "float32", "learning_rate_schedule": {"type": "multi_step", "epochs": [1, 2], "factor": 0.1},
         "learning_rates": {"fc": 0.1, "*.bias": 0.5}, "weight_decay_exclude": ["bias"],
         "find_learning_rate": {"min": 0.1, "max": 1, "steps": 10},
         "diagnostics": ["weight_norms", {"frames": {"x": "a", "y": "b", "steps": 4, "neurons": true, "weights": false}}],
         "phases": [{"name": "p", "train": ["fc"], "epochs": 1, "output": "out", "target": {"name": "y"}, "penalties": true}],
         "repeat_phases": 2, "ensemble": {"folds": 3}, "calibration": "temperature",
         "intervals": {"coverage": 0.9, "from": ["low", "high"]}},
       "resources": {"device": "auto", "pool": "cpu", "threads": 1}, "priority": 0,
       "initial_weights": {"model": "m", "version": 1, "optimizer": true},
       "on_success": {"alias": "production", "when": {"val_accuracy": {"min": 0.9, "max": 1}}},
       "description": "d", "tags": {"k": "v"}}\
      """;

  /** These took seconds once. */
  private static final List<Case> FOUND =
      List.of(
          new Case(VALID, "/model/inputs/x/impute/a0", Kind.BESIDE),
          new Case(VALID, "/model/inputs/x/scale/a0", Kind.BESIDE),
          new Case(JOB, "/model/inputs/l", Kind.BESIDE),
          new Case(JOB, "/training/diagnostics", Kind.NAMES),
          new Case(VALID, "/on_success/when/accuracy", Kind.BESIDE));

  @Autowired private Http http;
  @Autowired private JobCheck check;

  @BeforeEach
  void upload() {
    http.upload("large-rows", "a,b,c,at\n1,2,u,2020-01-01T00:00:00Z\n3,4,v,2020-01-02T00:00:00Z\n");
    String names = IntStream.range(0, 300).mapToObj(i -> "a" + i + ",").collect(joining());
    String rows = "1,".repeat(300) + "u\n" + "2,".repeat(300) + "v\n";
    http.upload("wide-rows", names + "c\n" + rows.repeat(4));
  }

  /** What is put at a place. */
  private enum Kind {
    COPIES_BY_NAME,
    NUMBERS_BY_NAME,
    OBJECTS_BY_NAME,
    TEXTS_BY_NAME,
    COPIES,
    NAMES,
    NUMBERS,
    LISTS,
    TEXT,
    TERMS,
    BESIDE
  }

  private record Case(String job, String pointer, Kind kind) {
    @Override
    public String toString() {
      return kind + " at " + pointer + (job.equals(VALID) ? " of a valid job" : "");
    }
  }

  @Test
  void manyValuesTakeTheTimeOfEach() {
    List<Case> cases = new ArrayList<>();
    for (String job : List.of(JOB, VALID)) {
      for (String pointer : pointers("", StrictJson.parse(job))) {
        for (Kind kind : Kind.values()) {
          cases.add(new Case(job, pointer, kind));
        }
      }
    }
    long seed = Long.getLong("large.seed", System.nanoTime());
    Collections.shuffle(cases, new Random(seed));
    String only = System.getProperty("large.only", "");
    List<Case> chosen = new ArrayList<>(only.isEmpty() ? FOUND : List.of());
    cases.stream()
        .filter(each -> each.toString().contains(only))
        .limit(SAMPLE)
        .forEach(chosen::add);
    List<Map.Entry<Case, Duration>> slow = new ArrayList<>();
    Identity.service()
        .call(
            () -> {
              for (Case each : chosen) {
                Duration took = took(body(each));
                // The first time, much of what it runs is not compiled yet.
                if (took.compareTo(LIMIT) > 0) {
                  took = took(body(each));
                }
                if (took.toMillis() > 500) {
                  System.out.println("A large body took " + took + ": " + each);
                }
                slow.add(Map.entry(each, took));
              }
              return true;
            });
    slow.sort(Map.Entry.<Case, Duration>comparingByValue().reversed());
    assertThat(slow.stream().filter(each -> each.getValue().compareTo(LIMIT) > 0))
        .as("seed %d", seed)
        .isEmpty();
  }

  private static Duration cpu() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Duration.ofNanos(threads.getCurrentThreadCpuTime());
  }

  private Duration took(byte[] body) {
    Duration start = cpu();
    try {
      var _ = check.validate(StrictJson.parse(body));
    } catch (ServiceException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    return cpu().minus(start);
  }

  /** Every place of a document. */
  private static List<String> pointers(String at, JsonNode node) {
    List<String> pointers = new ArrayList<>();
    if (!at.isEmpty()) {
      pointers.add(at);
    }
    node.propertyStream()
        .forEach(
            member -> {
              String name = member.getKey().replace("~", "~0").replace("/", "~1");
              pointers.addAll(pointers(at + "/" + name, member.getValue()));
            });
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      pointers.addAll(pointers(at + "/" + i, node.get(i)));
    }
    return pointers;
  }

  private static byte[] body(Case given) {
    JsonNode body = StrictJson.parse(given.job());
    int slash = given.pointer().lastIndexOf('/');
    JsonNode owner = slash == 0 ? body : body.at(given.pointer().substring(0, slash));
    JsonNode value = body.at(given.pointer());
    String name = given.pointer().substring(slash + 1).replace("~1", "/").replace("~0", "~");
    if (given.kind() == Kind.BESIDE) {
      beside(owner, value);
    } else if (owner instanceof ObjectNode object) {
      object.set(name, large(given.kind(), value));
    } else {
      ((ArrayNode) owner).set(Integer.parseInt(name), large(given.kind(), value));
    }
    return JsonMapper.shared().writeValueAsBytes(body);
  }

  /** More of the same in the object or the list that holds a value. */
  private static void beside(JsonNode owner, JsonNode value) {
    for (int i = 0; i < count(value, owner.isObject() ? 9 : 1); i++) {
      if (owner instanceof ObjectNode object) {
        object.set("m" + i, value);
      } else {
        ((ArrayNode) owner).add(value);
      }
    }
  }

  private static JsonNode large(Kind kind, JsonNode value) {
    return switch (kind) {
      case COPIES_BY_NAME -> named(value);
      case NUMBERS_BY_NAME -> named(JSON.numberNode(1));
      case OBJECTS_BY_NAME -> named(JSON.objectNode());
      case TEXTS_BY_NAME -> named(JSON.stringNode("x"));
      case COPIES -> list(IntStream.range(0, count(value, 1)).mapToObj(_ -> value).toList());
      case NAMES ->
          list(
              IntStream.range(0, BYTES / 10)
                  .<JsonNode>mapToObj(i -> JSON.stringNode("m" + i))
                  .toList());
      case NUMBERS ->
          list(IntStream.range(0, BYTES / 7).<JsonNode>mapToObj(JSON::numberNode).toList());
      case LISTS ->
          list(IntStream.range(0, BYTES / 3).<JsonNode>mapToObj(_ -> JSON.arrayNode()).toList());
      case TEXT -> JSON.stringNode("a".repeat(BYTES));
      case TERMS -> JSON.stringNode("a" + " + a".repeat(BYTES / 4));
      case BESIDE -> throw new IllegalStateException("it stands beside the value");
    };
  }

  private static int count(JsonNode value, int more) {
    return BYTES / (value.toString().getBytes(StandardCharsets.UTF_8).length + more);
  }

  private static JsonNode named(JsonNode value) {
    ObjectNode object = JSON.objectNode();
    for (int i = 0; i < count(value, 11); i++) {
      object.set("m" + i, value);
    }
    return object;
  }

  private static JsonNode list(List<JsonNode> values) {
    return JSON.arrayNode().addAll(values);
  }
}
