package io.trainyard.api.model;

import io.trainyard.api.BodyMemory;
import io.trainyard.api.MediaTypes;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionResolver;
import io.trainyard.onnx.OnnxExport;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The networks of versions as ONNX files. */
@RestController
@RequestMapping("/v1/models/{model}/versions/{version}/onnx")
record OnnxController(VersionResolver resolver, OnnxExport exports) {
  /** The weights as they are written, joined to one file, and in the answer. */
  private static final long COPIES = 4;

  @GetMapping(produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  ResponseEntity<byte[]> read(
      @PathVariable String model,
      @PathVariable String version,
      @RequestParam(required = false) @Nullable Integer opset) {
    if (opset != null && (opset < OnnxExport.FIRST_OPSET || opset > OnnxExport.LAST_OPSET)) {
      throw ServiceException.parameter(
          "opset must be from %d to %d, was %d"
              .formatted(OnnxExport.FIRST_OPSET, OnnxExport.LAST_OPSET, opset));
    }
    ModelVersion found = resolver.resolve(model, version);
    BodyMemory.reserveAnswer(
        COPIES * found.weights().bytes(), "Read the weights as a safetensors file");
    return ResponseEntity.ok()
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            MediaTypes.attachment(model + "-" + found.version() + ".onnx"))
        .body(exports.write(found, opset));
  }
}
