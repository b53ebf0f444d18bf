package io.trainyard.attack;

import io.trainyard.attack.Request.Body;
import java.util.List;
import java.util.Map;

/** Predict requests whose answer needs much more than the request. */
final class PredictBombs {
  private static final String IRIS = "/v1/models/iris/predict";

  private PredictBombs() {}

  static List<Request> all() {
    return List.of(
        Request.json(
            "a million rows through a repeat of 1,000",
            "/v1/models/repeated/predict",
            Body.repeated("{\"instances\": [", "[1]", ",", 1_000_000, "]}")),
        Request.json(
            "rows through two layers of 4,096",
            "/v1/models/wide/predict",
            Body.repeated("{\"instances\": [", "{\"a\": 1}", ",", 110_000, "]}")),
        Request.json(
            "one row through a long chain", "/v1/models/long/predict", "{\"instances\": [[1, 1]]}"),
        Request.json(
            "33 million empty rows",
            IRIS,
            Body.repeated("{\"instances\": [", "{}", ",", 33_000_000, "]}")),
        Request.json(
            "a million empty arrays for rows",
            IRIS,
            Body.repeated("{\"instances\": [", "[]", ",", 1_000_000, "]}")),
        Request.json(
            "100,000 outputs",
            IRIS,
            Body.repeated(
                "{\"instances\": [{\"petal_length\": 1}], \"outputs\": [",
                "\"dense_1\"",
                ",",
                100_000,
                "]}")),
        Request.json(
            "rows nested a million deep",
            "/v1/models/repeated/predict",
            Body.repeated("{\"instances\": ", "[", "", 1_000_000, "")),
        Request.json(
            "a number of 400 digits",
            "/v1/models/repeated/predict",
            Body.repeated("{\"instances\": [[", "9", "", 400, "]]}")),
        Request.json(
            "a number of ten million digits",
            "/v1/models/repeated/predict",
            Body.repeated("{\"instances\": [[", "9", "", 10_000_000, "]]}")),
        Request.json(
            "a name of 50 MB",
            IRIS,
            Body.repeated("{\"instances\": [{\"", "name", "", 12_500_000, "\": 1}]}")),
        Request.json(
            "every inner output of many rows",
            "/v1/models/wide/predict",
            Body.repeated(
                "{\"outputs\": [\"dense_1\", \"dense_2\", \"dense_1:pre\"], \"instances\": [",
                "{\"a\": 1}",
                ",",
                50_000,
                "]}")),
        npy("an array of NPY that promises 10^15 numbers", "(1000000000000000, 1)"),
        npy("an array of NPY with a negative length", "(-5, 1)"),
        npy("an array of NPY with 100 axes", "(" + "1, ".repeat(100) + ")"),
        Request.json(
                "an unknown output as NPY",
                "/v1/models/repeated/predict?output=nobody",
                "{\"instances\": [[1]]}")
            .withHeader("Accept", "application/x-npy"));
  }

  private static Request npy(String name, String shape) {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }".formatted(shape);
    byte[] text = header.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] bytes = new byte[10 + text.length + 8];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0};
    System.arraycopy(magic, 0, bytes, 0, magic.length);
    System.arraycopy(text, 0, bytes, magic.length, text.length);
    return new Request(
        name,
        "POST",
        "/v1/models/repeated/predict",
        Map.of("Content-Type", "application/x-npy"),
        Body.of(bytes),
        true);
  }
}
