package io.trainyard.api.docs;

import io.trainyard.api.PackedContent;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The JSON Schemas of bodies, for editors and generators. */
@RestController
class SchemaController {
  private static final MediaType TYPE = MediaType.parseMediaType("application/schema+json");

  private final Map<String, PackedContent> written = new ConcurrentHashMap<>();

  @GetMapping("/v1/schema/{schema}")
  ResponseEntity<byte[]> schema(@PathVariable("schema") String name, HttpServletRequest request) {
    if (!Reference.SCHEMAS.containsKey(name)) {
      throw new ServiceException(
          ErrorCode.SCHEMA_NOT_FOUND,
          "There is no schema '%s'; there are %s"
              .formatted(name, String.join(", ", Reference.SCHEMAS.keySet())));
    }
    return written
        .computeIfAbsent(
            name,
            known ->
                PackedContent.of(
                    Reference.schema(known).toString().getBytes(StandardCharsets.UTF_8)))
        .answer(
            ResponseEntity.ok().contentType(TYPE),
            Collections.list(request.getHeaders(HttpHeaders.ACCEPT_ENCODING)));
  }
}
