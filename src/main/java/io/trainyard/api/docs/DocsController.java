package io.trainyard.api.docs;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Where a caller finds everything: links at the root, and pages for readers. */
@RestController
class DocsController {
  private static final String HTML = MediaType.TEXT_HTML_VALUE + ";charset=UTF-8";

  /**
   * The start of a walk through the service.
   *
   * @param links paths by what they lead to
   * @param schemas the paths of the schemas of bodies
   */
  record Start(String service, Map<String, String> links, Map<String, String> schemas) {}

  @GetMapping(path = "/", produces = MediaType.APPLICATION_JSON_VALUE)
  Start start() {
    Map<String, String> links = new LinkedHashMap<>();
    links.put("docs", "/docs");
    links.put("api", "/docs/api");
    links.put("openapi", "/v3/api-docs");
    links.put("errors", "/docs/errors");
    links.put("samples", "/v1/samples");
    links.put("datasets", "/v1/datasets");
    links.put("models", "/v1/models");
    links.put("jobs", "/v1/jobs");
    links.put("health", "/actuator/health");
    links.put("metrics", "/actuator/prometheus");
    Map<String, String> schemas = new LinkedHashMap<>();
    Reference.SCHEMAS.keySet().forEach(name -> schemas.put(name, Reference.path(name)));
    return new Start("Trainyard", links, schemas);
  }

  @GetMapping(path = "/docs/errors", produces = HTML)
  String errors() {
    return ReferencePages.errors();
  }

  @GetMapping(path = "/docs/errors/{code}", produces = HTML)
  String error(@PathVariable String code) {
    return Stream.of(ErrorCode.values())
        .filter(each -> each.code().equals(code))
        .findFirst()
        .map(ReferencePages::error)
        .orElseThrow(() -> nothing("/docs/errors/" + code, "/docs/errors"));
  }

  @GetMapping(path = "/docs/reference/{kind}", produces = HTML)
  String kind(@PathVariable String kind) {
    if (!ReferencePages.KINDS.containsKey(kind)) {
      throw nothing("/docs/reference/" + kind, "/docs");
    }
    return ReferencePages.kind(kind);
  }

  private static ServiceException nothing(String path, String list) {
    return new ServiceException(
        ErrorCode.ROUTE_NOT_FOUND, "There is no page %s; %s lists them".formatted(path, list));
  }
}
