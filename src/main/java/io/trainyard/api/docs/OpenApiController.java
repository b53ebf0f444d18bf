package io.trainyard.api.docs;

import io.trainyard.api.PathPrefix;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.info.BuildProperties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The OpenAPI document, made at the first request, and the files of Swagger UI, which shows it. */
@RestController
class OpenApiController {
  private static final String UI = "META-INF/resources/webjars/swagger-ui/";
  private static final String START =
      """
      SwaggerUIBundle({url: "../v3/api-docs", dom_id: "#swagger-ui", deepLinking: true});
      """;
  private static final Map<String, MediaType> FILES =
      Map.of(
          "swagger-ui.css", new MediaType("text", "css", StandardCharsets.UTF_8),
          "swagger-ui-bundle.js", new MediaType("text", "javascript", StandardCharsets.UTF_8));

  /** The controllers of this product are below this package. */
  private static final String OURS = "io.trainyard.";

  private final ObjectProvider<RequestMappingHandlerMapping> mappings;
  private final OperationScopes scopes;
  private final String release;
  private final Lock making = new ReentrantLock();
  private volatile byte @Nullable [] document;

  OpenApiController(
      @Qualifier("requestMappingHandlerMapping")
          ObjectProvider<RequestMappingHandlerMapping> mappings,
      OperationScopes scopes,
      @Nullable BuildProperties build) {
    this.mappings = mappings;
    this.scopes = scopes;
    this.release = build == null ? "unknown" : String.valueOf(build.getVersion());
  }

  @GetMapping("/v3/api-docs")
  ResponseEntity<byte[]> document() {
    byte[] made = document;
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(served(made == null ? make() : made));
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

  /** Once: many callers at the same time would fill the heap with what each of them makes. */
  private byte[] make() {
    making.lock();
    try {
      byte[] made = document;
      if (made == null) {
        made =
            OpenApiDocument.of(OperationEntry.all(mappings.getObject(), OURS), scopes, release)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        document = made;
      }
      return made;
    } finally {
      making.unlock();
    }
  }

  @GetMapping("/docs/api/start.js")
  ResponseEntity<String> start() {
    return ResponseEntity.ok()
        .contentType(new MediaType("text", "javascript", StandardCharsets.UTF_8))
        .body(START);
  }

  @GetMapping("/docs/api/{file}")
  ResponseEntity<Resource> file(@PathVariable String file) {
    MediaType type = FILES.get(file);
    if (type == null) {
      throw new ServiceException(
          ErrorCode.ROUTE_NOT_FOUND, "There is nothing at /docs/api/" + file);
    }
    return ResponseEntity.ok()
        .contentType(type)
        .body(new ClassPathResource(UI + version() + "/" + file));
  }

  /** That of the library in the jar. */
  private static String version() {
    return Version.NUMBER;
  }

  /** Read at the first use. */
  private static final class Version {
    private static final String NUMBER = read();

    private static String read() {
      try (var in =
          new ClassPathResource("META-INF/maven/org.webjars/swagger-ui/pom.properties")
              .getInputStream()) {
        var properties = new java.util.Properties();
        properties.load(in);
        return properties.getProperty("version");
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
