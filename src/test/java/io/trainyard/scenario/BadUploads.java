package io.trainyard.scenario;

import java.util.List;

/** Uploads that make no dataset. */
final class BadUploads {
  private static final String PATH = "/v1/datasets?name=hostile";
  private static final String JSON = "application/json";

  private BadUploads() {}

  static List<BadRequest> all() {
    return List.of(
        csv("no name", "/v1/datasets", "a,b\n1,2\n", 400),
        csv("a name that climbs", "/v1/datasets?name=../x", "a,b\n1,2\n", 400),
        csv("no bytes", PATH, "", 422),
        csv("only a header", PATH, "a,b\n", 422),
        csv("a duplicate header", PATH, "a,a\n1,2\n", 422),
        csv("an empty header", PATH, "a,\n1,2\n", 422),
        csv("a ragged line", PATH, "a,b\n1,2\n1,2,3\n", 422),
        csv("a NUL byte", PATH, "a,b\n1,\0\n", 422),
        csv("an unknown option", PATH + "&on_eror=skip", "a\n1\n", 400),
        BadRequest.body("rows that are not objects", PATH, JSON, "[1,2]", 422),
        BadRequest.body("ragged tensors", PATH, JSON, "[{\"x\":[1,2]},{\"x\":[1]}]", 422),
        BadRequest.body("an upload as HTML", PATH, "text/html", "<p>", 415));
  }

  private static BadRequest csv(String claim, String path, String body, int status) {
    return BadRequest.body(claim, path, "text/csv", body, status);
  }
}
