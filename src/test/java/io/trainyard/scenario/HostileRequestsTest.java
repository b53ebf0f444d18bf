package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a careless or hostile caller sends: a problem that names the place, and the server
 * lives.
 */
class HostileRequestsTest extends Service {
  private static final String IRIS_INPUTS = "\"inputs\":{\"x\":{\"columns\":[\"a\",\"b\"]}}";

  /**
   * One bad request.
   *
   * @param pointer the place its problem must name, or "" when there is none
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Bad(
      String claim,
      String method,
      String path,
      String type,
      byte[] body,
      int status,
      String pointer) {
    @Override
    public String toString() {
      return claim;
    }
  }

  static List<Bad> requests() {
    List<Bad> bad = new ArrayList<>();
    // Bodies that are not JSON.
    for (String path : List.of("/v1/jobs", "/v1/models", "/v1/models:validate")) {
      bad.add(json("empty body", path, "", 400, ""));
      bad.add(json("half an object", path, "{\"model\":", 400, ""));
      bad.add(json("bare NaN", path, "{\"model\": NaN}", 400, ""));
      bad.add(json("trailing garbage", path, "{} {}", 400, ""));
      bad.add(json("comment", path, "{/* hello */}", 400, ""));
      bad.add(json("single quotes", path, "{'model': 1}", 400, ""));
      bad.add(json("duplicate member", path, "{\"model\":\"m\",\"model\":\"m\"}", 400, "/model"));
      bad.add(json("nesting bomb", path, "[".repeat(100_000), 400, ""));
      bad.add(json("a list instead of an object", path, "[]", 422, ""));
      bad.add(json("a string instead of an object", path, "\"x\"", 422, ""));
      bad.add(json("null instead of an object", path, "null", 422, ""));
      bad.add(json("unknown member", path, "{\"frobnicate\": 1}", 422, "/frobnicate"));
      bad.add(json("U+0000 in a string", path, "{\"model\":\"a\\u0000b\"}", 422, "/model"));
      bad.add(json("number beyond a double", path, "{\"priority\":1e400}", 422, "/priority"));
      bad.add(
          new Bad("wrong media type " + path, "POST", path, "text/plain", bytes("{}"), 415, ""));
      bad.add(
          new Bad(
              "invalid UTF-8 " + path,
              "POST",
              path,
              "application/json",
              new byte[] {'"', (byte) 0xff, '"'},
              400,
              ""));
    }
    // Models whose parts are wrong.
    bad.add(
        model(
            "units as a string",
            "{\"type\":\"dense\",\"units\":\"3\"}",
            "/model/network/layers/0/units"));
    bad.add(
        model(
            "units of zero", "{\"type\":\"dense\",\"units\":0}", "/model/network/layers/0/units"));
    bad.add(
        model(
            "negative units",
            "{\"type\":\"dense\",\"units\":-1}",
            "/model/network/layers/0/units"));
    bad.add(
        model(
            "fractional units",
            "{\"type\":\"dense\",\"units\":1.5}",
            "/model/network/layers/0/units"));
    bad.add(model("missing units", "{\"type\":\"dense\"}", "/model/network/layers/0/units"));
    bad.add(
        model(
            "units beyond reason",
            "{\"type\":\"dense\",\"units\":2000000000}",
            "/model/network/layers/0"));
    bad.add(model("missing type", "{\"units\":3}", "/model/network/layers/0/type"));
    bad.add(
        model("unknown type", "{\"type\":\"dens\",\"units\":3}", "/model/network/layers/0/type"));
    bad.add(
        model(
            "unknown activation",
            "{\"type\":\"dense\",\"units\":3,\"activation\":\"rellu\"}",
            "/model/network/layers/0/activation"));
    bad.add(
        model(
            "misspelt member",
            "{\"type\":\"dense\",\"units\":3,\"activaton\":\"relu\"}",
            "/model/network/layers/0/activaton"));
    bad.add(
        model("dropout of one", "{\"type\":\"dropout\",\"rate\":1}", "/model/network/layers/0"));
    bad.add(model("a layer that is a number", "7", "/model/network/layers/0"));
    bad.add(
        model(
            "a name with a blank",
            "{\"type\":\"dense\",\"units\":3,\"name\":\"a b\"}",
            "/model/network/layers/0/name"));
    bad.add(
        model(
            "two layers of one name",
            "{\"type\":\"dense\",\"units\":3,\"name\":\"a\"},{\"type\":\"dense\",\"units\":3,\"name\":\"a\"}",
            "/model/network/layers/1/name"));
    bad.add(
        model(
            "a layer that reads nothing known",
            "{\"type\":\"dense\",\"units\":3,\"inputs\":[\"nobody\"]}",
            "/model/network/layers/0/inputs/0"));
    bad.add(
        model(
            "a layer that reads itself",
            "{\"type\":\"dense\",\"units\":3,\"name\":\"a\",\"inputs\":[\"a\"]}",
            "/model/network/layers/0/inputs"));
    bad.add(
        json("no network", "/v1/models", "{\"name\":\"m\"," + IRIS_INPUTS + "}", 422, "/network"));
    bad.add(
        json(
            "no layers",
            "/v1/models",
            "{\"name\":\"m\"," + IRIS_INPUTS + ",\"network\":{\"layers\":[]}}",
            422,
            "/network/layers"));
    bad.add(
        json(
            "a model name in capitals",
            "/v1/models",
            "{\"name\":\"M\","
                + IRIS_INPUTS
                + ",\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1}]}}",
            422,
            "/name"));
    bad.add(
        json(
            "a model name that climbs",
            "/v1/models",
            "{\"name\":\"../../etc/passwd\","
                + IRIS_INPUTS
                + ",\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1}]}}",
            422,
            "/name"));
    bad.add(
        json(
            "a model name of 1 MB",
            "/v1/models",
            "{\"name\":\"" + "m".repeat(1 << 20) + "\"}",
            422,
            "/name"));
    // Jobs.
    bad.add(json("a job for nothing", "/v1/jobs", "{}", 422, "/model"));
    bad.add(
        json(
            "a job for an unknown model",
            "/v1/jobs",
            "{\"model\":\"nobody\",\"dataset\":{\"name\":\"x\"},\"training\":{\"loss\":\"mse\",\"epochs\":1}}",
            422,
            "/model"));
    bad.add(training("unknown data set", "", "{\"loss\":\"mse\",\"epochs\":1}", "/dataset/name"));
    bad.add(training("zero epochs", "", "{\"loss\":\"mse\",\"epochs\":0}", "/training/epochs"));
    bad.add(
        training(
            "epochs as a string", "", "{\"loss\":\"mse\",\"epochs\":\"5\"}", "/training/epochs"));
    bad.add(training("an unknown loss", "", "{\"loss\":\"mean\",\"epochs\":1}", "/training/loss"));
    bad.add(
        training(
            "an unknown optimizer",
            "",
            "{\"loss\":\"mse\",\"epochs\":1,\"optimizer\":\"sdg\"}",
            "/training/optimizer"));
    bad.add(
        training(
            "a negative learning rate",
            "",
            "{\"loss\":\"mse\",\"epochs\":1,\"optimizer\":{\"type\":\"sgd\",\"learning_rate\":-1}}",
            "/training/optimizer"));
    bad.add(
        training(
            "a batch size of zero",
            "",
            "{\"loss\":\"mse\",\"epochs\":1,\"batch_size\":0}",
            "/training/batch_size"));
    bad.add(
        training(
            "parts that leave nothing",
            "\"split\":{\"validation\":0.6,\"test\":0.6}",
            "{\"loss\":\"mse\",\"epochs\":1}",
            "/dataset/split"));
    // Paths, parameters, methods.
    bad.add(get("unknown route", "/v1/nothing", 404));
    bad.add(get("root", "/", 404));
    bad.add(get("unknown job", "/v1/jobs/no-such-job", 404));
    bad.add(get("unknown model", "/v1/models/nobody", 404));
    bad.add(get("unknown version", "/v1/models/nobody/versions/1", 404));
    bad.add(get("unknown data set", "/v1/datasets/nobody", 404));
    bad.add(get("page size that is no number", "/v1/jobs?page_size=ten", 400));
    bad.add(get("negative page size", "/v1/jobs?page_size=-1", 400));
    bad.add(get("made-up page token", "/v1/jobs?page_token=%00%ff", 400));
    bad.add(get("unknown state", "/v1/jobs?state=sleeping", 400));
    bad.add(new Bad("wrong method", "PATCH", "/v1/jobs", "application/json", bytes("{}"), 405, ""));
    bad.add(
        new Bad(
            "delete of a collection",
            "DELETE",
            "/v1/models",
            "application/json",
            bytes("{}"),
            405,
            ""));
    bad.add(
        json(
            "predict of an unknown model",
            "/v1/models/nobody/predict",
            "{\"instances\":[]}",
            404,
            ""));
    // Uploads.
    bad.add(csv("a data set without a name", "/v1/datasets", "a,b\n1,2\n", 400));
    bad.add(csv("a data set name that climbs", "/v1/datasets?name=../x", "a,b\n1,2\n", 400));
    bad.add(csv("no bytes", "/v1/datasets?name=hostile", "", 422));
    bad.add(csv("only a header", "/v1/datasets?name=hostile", "a,b\n", 422));
    bad.add(csv("a duplicate header", "/v1/datasets?name=hostile", "a,a\n1,2\n", 422));
    bad.add(csv("an empty header", "/v1/datasets?name=hostile", "a,\n1,2\n", 422));
    bad.add(csv("a ragged line", "/v1/datasets?name=hostile", "a,b\n1,2\n1,2,3\n", 422));
    bad.add(csv("a NUL byte", "/v1/datasets?name=hostile", "a,b\n1,\0\n", 422));
    bad.add(
        new Bad(
            "rows that are not objects",
            "POST",
            "/v1/datasets?name=hostile",
            "application/json",
            bytes("[1,2]"),
            422,
            ""));
    bad.add(
        new Bad(
            "ragged tensors",
            "POST",
            "/v1/datasets?name=hostile",
            "application/json",
            bytes("[{\"x\":[1,2]},{\"x\":[1]}]"),
            422,
            ""));
    bad.add(
        new Bad(
            "an unknown option",
            "POST",
            "/v1/datasets?name=hostile&on_eror=skip",
            "text/csv",
            bytes("a\n1\n"),
            400,
            ""));
    bad.add(
        new Bad(
            "an upload as HTML",
            "POST",
            "/v1/datasets?name=hostile",
            "text/html",
            bytes("<p>"),
            415,
            ""));
    return bad;
  }

  @Test
  void thereAreAtLeastSixtyOfThem() {
    assertThat(requests()).hasSizeGreaterThan(60);
  }

  @ParameterizedTest
  @MethodSource("requests")
  void isRefusedWithAProblemThatNamesThePlace(Bad bad) {
    Http.Answer answer =
        bad.body.length == 0 && bad.method.equals("GET")
            ? http.get(bad.path)
            : http.send(bad.method, bad.path, bad.body, "Content-Type", bad.type);
    assertThat(answer.status()).as(answer.text()).isEqualTo(bad.status);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.get("code").stringValue()).matches("[a-z_]+");
    assertThat(problem.get("status").intValue()).isEqualTo(bad.status);
    for (String member : List.of("type", "title", "detail", "instance")) {
      assertThat(problem.path(member).asString("")).as(member).isNotEmpty();
    }
    if (!bad.pointer.isEmpty()) {
      assertThat(problem.get("errors"))
          .as(answer.text())
          .anySatisfy(
              error -> assertThat(error.get("pointer").stringValue()).startsWith(bad.pointer));
    }
    assertThat(answer.text()).doesNotContain("io.trainyard").doesNotContain("tools.jackson");
    http.get("/actuator/health/liveness").expect(200);
  }

  private static Bad json(String claim, String path, String body, int status, String pointer) {
    return new Bad(
        claim + " " + path, "POST", path, "application/json", bytes(body), status, pointer);
  }

  private static Bad model(String claim, String layers, String pointer) {
    String body =
        "{\"model\":{\"name\":\"m\","
            + IRIS_INPUTS
            + ",\"network\":{\"layers\":["
            + layers
            + "]}},\"dataset\":{\"name\":\"x\"},\"training\":{\"loss\":\"mse\",\"epochs\":1}}";
    return json(claim, "/v1/jobs", body, 422, pointer);
  }

  private static Bad training(String claim, String split, String training, String pointer) {
    String dataset = "{\"name\":\"nobody\"" + (split.isEmpty() ? "" : "," + split) + "}";
    String body =
        "{\"model\":{\"name\":\"m\","
            + IRIS_INPUTS
            + ",\"targets\":{\"y\":{\"column\":\"y\"}},\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1}]}},\"dataset\":"
            + dataset
            + ",\"training\":"
            + training
            + "}";
    return json(claim, "/v1/jobs", body, 422, pointer);
  }

  private static Bad get(String claim, String path, int status) {
    return new Bad(claim, "GET", path, "", new byte[0], status, "");
  }

  private static Bad csv(String claim, String path, String body, int status) {
    return new Bad(claim, "POST", path, "text/csv", bytes(body), status, "");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
