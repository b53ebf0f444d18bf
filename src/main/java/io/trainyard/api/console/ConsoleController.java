package io.trainyard.api.console;

import io.trainyard.access.AccessProperties;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The page of the console and its files. */
@RestController
record ConsoleController(AccessProperties access) {
  /**
   * The same page at each address: the script in it shows what belongs there.
   *
   * @param view what the page shows, which its script reads
   */
  @GetMapping(
      path = {"/console", "/console/", "/console/{*page}"},
      produces = MediaType.TEXT_HTML_VALUE + ";charset=UTF-8")
  ResponseEntity<byte[]> page(
      @RequestParam Map<String, String> view, HttpServletResponse response) {
    ConsolePage page = ConsolePage.of(ConsoleFiles.packaged(), access.oidc().issuer());
    // In place of the policy of answers that are no pages.
    response.setHeader("Content-Security-Policy", page.policy());
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noCache())
        .body(page.html().getBytes(StandardCharsets.UTF_8));
  }

  @GetMapping("/console/files/{version}/{*file}")
  ResponseEntity<byte[]> file(
      @PathVariable String version,
      @PathVariable String file,
      @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, defaultValue = "") String encodings) {
    ConsoleFiles files = ConsoleFiles.packaged();
    ConsoleFiles.File found =
        files
            .find(file.isEmpty() ? file : file.substring(1))
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.ROUTE_NOT_FOUND,
                        "There is nothing at /console/files/" + version + file));
    // A tab that was open over an update asks for what it knew.
    CacheControl cache =
        version.equals(files.version())
            ? CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable()
            : CacheControl.noStore();
    return found
        .content()
        .answer(
            ResponseEntity.ok().contentType(found.type()).cacheControl(cache), List.of(encodings));
  }
}
