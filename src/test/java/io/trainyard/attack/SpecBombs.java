package io.trainyard.attack;

import io.trainyard.attack.Request.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Specs and jobs whose few bytes ask for much memory or time. */
final class SpecBombs {
  private static final List<String> DOORS = List.of("/v1/models:validate", "/v1/jobs");

  private SpecBombs() {}

  static List<Request> all() {
    List<Request> all = new ArrayList<>();
    nets().forEach(net -> DOORS.forEach(door -> all.add(job(door, net))));
    all.addAll(longLists());
    all.addAll(conversions());
    return all;
  }

  private record Net(String name, String columns, String layers) {}

  private static List<Net> nets() {
    return List.of(
        new Net(
            "the product of a column and a row",
            "\"a\", \"b\"",
            """
            {"type": "dense", "name": "p", "units": 40000},
            {"type": "reshape", "name": "q", "inputs": ["p"], "shape": [40000, 1]},
            {"type": "reshape", "name": "r", "inputs": ["p"], "shape": [1, 40000]},
            {"type": "lambda", "name": "m", "inputs": ["q", "r"], "expression": "mean(q*r)"},
            {"type": "reshape", "shape": [1]}
            """),
        new Net(
            "a pool of 20,000",
            "\"a\", \"b\"",
            """
            {"type": "dense", "units": 4}, {"type": "reshape", "shape": [2, 2, 1]},
            {"type": "max_pool2d", "pool_size": [20000, 20000], "padding": "same"},
            {"type": "flatten"}, {"type": "dense", "units": 1}
            """),
        new Net(
            "padding of a hundred million",
            "\"a\", \"b\"",
            """
            {"type": "reshape", "shape": [2, 1]},
            {"type": "zero_pad", "padding": [[100000000, 0]]},
            {"type": "global_max_pool"}, {"type": "dense", "units": 1}
            """),
        new Net(
            "attention over 100,000 positions",
            "\"a\", \"b\"",
            """
            {"type": "repeat", "n": 100000},
            {"type": "multi_head_attention", "heads": 1, "key_dim": 2},
            {"type": "last_step"}, {"type": "dense", "units": 1}
            """),
        new Net(
            "a recurrent layer over a million steps",
            "\"a\", \"b\"",
            """
            {"type": "repeat", "n": 1000000}, {"type": "lstm", "units": 64},
            {"type": "dense", "units": 1}
            """),
        new Net(
            "a dense layer of 2,000,000,000 units",
            "\"a\", \"b\"",
            "{\"type\": \"dense\", \"units\": 2000000000}, {\"type\": \"dense\", \"units\": 1}"),
        new Net(
            "a repeat of a repeat",
            "\"a\", \"b\"",
            """
            {"type": "repeat", "n": 100000}, {"type": "flatten"}, {"type": "repeat", "n": 100000},
            {"type": "flatten"}, {"type": "repeat", "n": 100000}, {"type": "flatten"},
            {"type": "dense", "units": 1}
            """),
        new Net(
            "a vocabulary of two billion",
            "\"a\"",
            """
            {"type": "embedding", "vocabulary": 2000000000, "dim": 1000}, {"type": "flatten"},
            {"type": "dense", "units": 1}
            """));
  }

  private static Request job(String door, Net net) {
    return Request.json(
        net.name() + " to " + door,
        door,
        """
        {"model": {"name": "bomb", "inputs": {"x": {"columns": [%s]}},
                   "targets": {"y": {"column": "c"}}, "network": {"layers": [%s]}},
         "dataset": {"name": "numbers"},
         "training": {"loss": "mse", "epochs": 1, "time_limit_seconds": 2}}
        """
            .formatted(net.columns(), net.layers()));
  }

  private static List<Request> longLists() {
    String spec = "{\"network\": {\"inputs\": {\"x\": {\"shape\": [2]}}, \"layers\": [";
    String chain = "{\"type\": \"dense\", \"units\": 2}";
    return List.of(
        Request.json(
            "a million inputs of one layer",
            "/v1/models:validate",
            Body.repeated(
                "{\"model\": " + spec + chain + ", {\"type\": \"add\", \"inputs\": [",
                "\"dense_1\"",
                ",",
                1_000_000,
                "]}]}}}")),
        Request.json(
            "400,000 layers",
            "/v1/models:validate",
            Body.repeated("{\"model\": " + spec, chain, ",", 400_000, "]}}}")),
        Request.json(
            "200,000 dangling names",
            "/v1/models:validate",
            Body.repeated(
                "{\"model\": " + spec + "{\"type\": \"add\", \"inputs\": [",
                "\"nobody\"",
                ",",
                200_000,
                "]}]}}}")),
        Request.json(
            "a million columns",
            "/v1/models:validate",
            "{\"model\": {\"inputs\": {\"x\": {\"columns\": ["
                + IntStream.range(0, 1_000_000)
                    .mapToObj(i -> "\"c" + i + "\"")
                    .collect(Collectors.joining(","))
                + "]}}, \"network\": {\"layers\": ["
                + chain
                + "]}}}"),
        Request.json(
            "JSON nested two million deep",
            "/v1/models:validate",
            Body.repeated("{\"model\": ", "[", "", 2_000_000, "")),
        Request.json(
            "an expression of a million parentheses",
            "/v1/models:validate",
            Body.repeated(
                "{\"model\": " + spec + "{\"type\": \"lambda\", \"expression\": \"",
                "(",
                "",
                1_000_000,
                "\"}]}}}")),
        Request.json(
            "an expression of a million sums",
            "/v1/models:validate",
            Body.repeated(
                "{\"model\": " + spec + "{\"type\": \"lambda\", \"expression\": \"",
                "x",
                "+",
                1_000_000,
                "\"}]}}}")),
        Request.json(
            "an integer of a million digits",
            "/v1/models:validate",
            Body.repeated(
                "{\"model\": " + spec + "{\"type\": \"dense\", \"units\": ",
                "9",
                "",
                1_000_000,
                "}]}}}")),
        Request.json(
            "a condition of 900 NOTs",
            "/v1/models:validate",
            condition("", "NOT ", 900, "(a > 1)")),
        Request.json(
            "a condition of 100,000 ANDs",
            "/v1/models:validate",
            condition("", "a > 1 AND ", 100_000, "a > 1")),
        Request.json(
            "a list of 300,000 values",
            "/v1/models:validate",
            condition("a IN (", "1,", 300_000, "1)")));
  }

  /** A job with a condition on its rows, whose middle part is repeated. */
  private static Body condition(String head, String text, int times, String tail) {
    return Body.repeated(
        """
        {"model": {"inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "c"}},
                   "network": {"layers": [{"type": "dense", "units": 1}]}},
         "training": {"loss": "mse"},
         "dataset": {"name": "numbers", "where": "%s"""
            .formatted(head),
        text,
        "",
        times,
        tail + "\"}}");
  }

  private static List<Request> conversions() {
    return List.of(
        Request.json(
            "a Keras document of 100,000 layers",
            "/v1/models:convert",
            Body.repeated(
                "{\"keras\": {\"class_name\": \"Sequential\", \"config\": {\"layers\": [",
                "{\"class_name\": \"Dense\", \"config\": {\"units\": 3}}",
                ",",
                100_000,
                "]}}}")),
        Request.json(
            "a Keras document without members",
            "/v1/models:convert",
            "{\"keras\": {\"class_name\": \"Functional\", \"config\": null}}"),
        Request.json("a Keras document that is a list", "/v1/models:convert", "{\"keras\": []}"));
  }
}
