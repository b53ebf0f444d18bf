package io.trainyard.api.docs;

import io.trainyard.api.PathPrefix;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where a caller finds everything: links at the root. */
@RestController
class DocsController {
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
    links.replaceAll((_, path) -> PathPrefix.of(path));
    schemas.replaceAll((_, path) -> PathPrefix.of(path));
    return new Start("Trainyard", links, schemas);
  }
}
