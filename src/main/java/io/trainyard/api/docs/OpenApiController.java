package io.trainyard.api.docs;

import io.trainyard.api.PathPrefix;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.info.BuildProperties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The OpenAPI document, made at the first request, and the files of Swagger UI, which shows it. */
@RestController
class OpenApiController {
  private static final String UI = "META-INF/resources/webjars/swagger-ui/";
  private static final String UI_RELEASE = "META-INF/maven/org.webjars/swagger-ui/pom.properties";
  private static final String START =
      """
      SwaggerUIBundle({url: "../v3/api-docs", dom_id: "#swagger-ui", deepLinking: true});
      """;
  private static final MediaType SCRIPT =
      new MediaType("text", "javascript", StandardCharsets.UTF_8);
  private static final Map<String, MediaType> FILES =
      Map.of(
          "swagger-ui.css",
          new MediaType("text", "css", StandardCharsets.UTF_8),
          "swagger-ui-bundle.js",
          SCRIPT);

  private final SingletonSupplier<byte[]> document;

  OpenApiController(
      @Qualifier("requestMappingHandlerMapping")
          ObjectProvider<RequestMappingHandlerMapping> mappings,
      @Nullable BuildProperties build) {
    String release = build == null ? "unknown" : String.valueOf(build.getVersion());
    // Once: many callers at the same time would fill the heap with what each of them makes.
    this.document =
        SingletonSupplier.of(
            () ->
                OpenApiDocument.of(OperationEntry.all(mappings.getObject()), release)
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
  }

  @GetMapping("/v3/api-docs")
  ResponseEntity<byte[]> document() {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(served(document.obtain()));
  }

  /** Generated clients and Swagger UI call the service where the caller sees it. */
  private static byte[] served(byte[] document) {
    String server = PathPrefix.of("/").replaceFirst("(?<=.)/$", "");
    return server.equals("/")
        ? document
        : new String(document, StandardCharsets.UTF_8)
            .replace(
                OpenApiDocument.SERVER, OpenApiDocument.SERVER.replace("\"/\"", '"' + server + '"'))
            .getBytes(StandardCharsets.UTF_8);
  }

  @GetMapping("/docs/api/start.js")
  ResponseEntity<String> start() {
    return ResponseEntity.ok().contentType(SCRIPT).body(START);
  }

  @GetMapping("/docs/api/{file}")
  ResponseEntity<Resource> file(@PathVariable String file) throws IOException {
    MediaType type = FILES.get(file);
    if (type == null) {
      throw new ServiceException(
          ErrorCode.ROUTE_NOT_FOUND, "There is nothing at /docs/api/" + file);
    }
    String release = PropertiesLoaderUtils.loadAllProperties(UI_RELEASE).getProperty("version");
    return ResponseEntity.ok()
        .contentType(type)
        .body(new ClassPathResource(UI + release + "/" + file));
  }
}
