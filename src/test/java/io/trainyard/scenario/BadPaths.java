package io.trainyard.scenario;

import java.util.List;

/** Paths, parameters and methods that do not exist. */
final class BadPaths {
  private BadPaths() {}

  static List<BadRequest> all() {
    return List.of(
        BadRequest.get("unknown route", "/v1/nothing", 404),
        BadRequest.get("beside the root", "/nothing", 404),
        BadRequest.get("unknown job", "/v1/jobs/no-such-job", 404),
        BadRequest.get("unknown model", "/v1/models/nobody", 404),
        BadRequest.get("unknown version", "/v1/models/nobody/versions/1", 404),
        BadRequest.get("unknown dataset", "/v1/datasets/nobody", 404),
        BadRequest.get("page size that is not a number", "/v1/jobs?page_size=ten", 400),
        BadRequest.get("negative page size", "/v1/jobs?page_size=-1", 400),
        BadRequest.get("made-up page token", "/v1/jobs?page_token=%00%ff", 400),
        BadRequest.get("unknown state", "/v1/jobs?state=sleeping", 400),
        wrongMethod("PATCH", "/v1/jobs"),
        wrongMethod("DELETE", "/v1/models"),
        BadRequest.json(
            "predict of an unknown model",
            "/v1/models/nobody/predict",
            "{\"instances\":[]}",
            404,
            ""));
  }

  private static BadRequest wrongMethod(String method, String path) {
    byte[] body = {'{', '}'};
    return new BadRequest("method " + method, method, path, "application/json", body, 405, "");
  }
}
