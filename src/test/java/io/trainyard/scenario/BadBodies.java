package io.trainyard.scenario;

import java.util.ArrayList;
import java.util.List;

/** Bodies that are not the JSON object that a route expects. */
final class BadBodies {
  private BadBodies() {}

  static List<BadRequest> all() {
    List<BadRequest> bad = new ArrayList<>();
    for (String path : List.of("/v1/jobs", "/v1/models", "/v1/models:validate")) {
      bad.addAll(
          List.of(
              json("empty body", path, "", 400, ""),
              json("half an object", path, "{\"model\":", 400, ""),
              json("bare NaN", path, "{\"model\": NaN}", 400, ""),
              json("trailing garbage", path, "{} {}", 400, ""),
              json("comment", path, "{/* hello */}", 400, ""),
              json("single quotes", path, "{'model': 1}", 400, ""),
              json("duplicate member", path, "{\"model\":\"m\",\"model\":\"m\"}", 400, "/model"),
              json("nesting bomb", path, "[".repeat(100_000), 400, ""),
              json("a list instead of an object", path, "[]", 422, ""),
              json("a string instead of an object", path, "\"x\"", 422, ""),
              json("null instead of an object", path, "null", 422, ""),
              json("U+0000 in a string", path, "{\"model\":\"a\\u0000b\"}", 422, "/model"),
              json("number beyond a double", path, "{\"priority\":1e400}", 422, "/priority"),
              BadRequest.body("wrong media type", path, "text/plain", "{}", 415),
              invalidUtf8(path)));
      // A check answers what is wrong with any object.
      if (!path.endsWith(":validate")) {
        bad.add(json("unknown member", path, "{\"frobnicate\": 1}", 422, "/frobnicate"));
      }
    }
    return bad;
  }

  private static BadRequest json(
      String claim, String path, String body, int status, String pointer) {
    return BadRequest.json(claim, path, body, status, pointer);
  }

  private static BadRequest invalidUtf8(String path) {
    byte[] body = {'"', (byte) 0xff, '"'};
    return new BadRequest("invalid UTF-8", "POST", path, "application/json", body, 400, "");
  }
}
