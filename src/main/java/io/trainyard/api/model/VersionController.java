package io.trainyard.api.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.trainyard.api.BodyMemory;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.MediaTypes;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.api.TensorAnswers;
import io.trainyard.api.multipart.Parts;
import io.trainyard.api.multipart.SpoolFolder;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionImport;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.model.WeightStore;
import io.trainyard.model.inspect.CollapsedStack;
import io.trainyard.model.inspect.MatlabView;
import io.trainyard.predict.Predictor;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRange;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Versions of models, made by jobs and imports. They never change. */
@RestController
@RequestMapping("/v1/models/{model}/versions")
class VersionController {
  private static final int SHOWN_NAMES = 20;

  private final VersionStore versions;
  private final VersionResolver resolver;
  private final WeightStore weights;
  private final VersionImport imports;
  private final Predictor predictor;
  private final SpoolFolder spool;
  private final JsonMapper mapper;
  private final long maxPage;

  VersionController(
      VersionStore versions,
      VersionResolver resolver,
      WeightStore weights,
      VersionImport imports,
      Predictor predictor,
      SpoolFolder spool,
      JsonMapper mapper,
      HttpProperties properties) {
    this.mapper = mapper;
    this.maxPage = properties.maxPage().toBytes();
    this.versions = versions;
    this.resolver = resolver;
    this.weights = weights;
    this.imports = imports;
    this.predictor = predictor;
    this.spool = spool;
  }

  @GetMapping
  VersionList list(
      @PathVariable String model,
      @RequestParam(name = "page_size", required = false) @Nullable Integer pageSize,
      @RequestParam(name = "page_token", required = false) @Nullable String pageToken) {
    Page page = Page.of(pageSize, pageToken);
    Page.Slice<ModelVersion> slice =
        page.fill(
            part -> versions.list(model, part.limit(), part.afterNumber()),
            version -> String.valueOf(version.version()),
            VersionView::bytes,
            maxPage);
    return new VersionList(slice.map(VersionView::of), slice.nextPageToken());
  }

  @GetMapping("/{version}")
  VersionView read(@PathVariable String model, @PathVariable String version) {
    return VersionView.of(resolver.resolve(model, version));
  }

  @DeleteMapping("/{version}")
  ResponseEntity<Void> delete(@PathVariable String model, @PathVariable String version) {
    int number = resolver.resolve(model, version).version();
    versions.delete(model, number);
    predictor.forget(model, number);
    return ResponseEntity.noContent().build();
  }

  /** Imports weights from another tool. */
  @TakesIdempotencyKey(creates = Created.Kind.MODEL_VERSION)
  @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  ResponseEntity<VersionView> importVersion(@PathVariable String model, HttpServletRequest request)
      throws IOException {
    try (Parts parts = Parts.of(request, List.of("spec", "weights", "encoding"), spool)) {
      JsonNode spec = parts.requiredJson("spec");
      JsonNode encoding = parts.json("encoding");
      ModelVersion version = imports.publish(model, spec, parts.file("weights"), encoding);
      return ResponseEntity.created(
              URI.create("/v1/models/" + model + "/versions/" + version.version()))
          .body(VersionView.of(version));
    }
  }

  @GetMapping(path = "/{version}/weights", produces = MediaTypes.SAFETENSORS)
  ResponseEntity<Resource> weights(
      @PathVariable String model,
      @PathVariable String version,
      @RequestHeader(name = "Range", required = false) @Nullable String range)
      throws IOException {
    ModelVersion found = resolver.resolve(model, version);
    Path file = weights.file(found.weights());
    long length = Files.size(file);
    return ResponseEntity.ok()
        .header(HttpHeaders.ACCEPT_RANGES, "bytes")
        .eTag('"' + found.weights().sha256() + '"')
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment()
                .filename(model + "-" + found.version() + ".safetensors")
                .build()
                .toString())
        .body(
            // Spring reads ranges of any resource but this kind.
            isOneRange(range, length)
                ? new FileSystemResource(file)
                : new InputStreamResource(new FileSystemResource(file)));
  }

  /** A server may ignore ranges: several at once, or one beyond the end, get the whole file. */
  private static boolean isOneRange(@Nullable String header, long length) {
    try {
      List<HttpRange> ranges = HttpRange.parseRanges(header);
      return ranges.size() == 1 && ranges.getFirst().getRangeStart(length) < length;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @GetMapping(
      path = "/{version}/weights/{tensor}",
      produces = {MediaType.APPLICATION_JSON_VALUE, MediaTypes.NPY})
  void tensor(
      @PathVariable String model,
      @PathVariable String version,
      @PathVariable String tensor,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    ModelVersion found = resolver.resolve(model, version);
    try (SafeTensors file = weights.open(found.weights())) {
      HostTensor wanted = file.tensors().get(tensor);
      if (wanted == null) {
        throw new ServiceException(
            ErrorCode.TENSOR_NOT_FOUND,
            "%s stores no '%s'; it stores %s".formatted(found.reference(), tensor, few(file)));
      }
      TensorAnswers.write(tensor, wanted, request, response, mapper);
    }
  }

  private static String few(SafeTensors file) {
    String names =
        file.tensors().keySet().stream().limit(SHOWN_NAMES).collect(Collectors.joining(", "));
    int others = file.tensors().size() - SHOWN_NAMES;
    return others > 0 ? names + " and " + others + " more" : names;
  }

  /** The cells of MATLAB's network object. */
  @GetMapping("/{version}/matlab")
  MatlabAnswer matlab(@PathVariable String model, @PathVariable String version) {
    ModelVersion found = resolver.resolve(model, version);
    BodyMemory.reserve(2 * found.weights().bytes());
    try (SafeTensors file = weights.open(found.weights())) {
      MatlabView view = MatlabView.of(VersionDefinition.of(found), file.tensors());
      return new MatlabAnswer(
          view.inputs(), view.layers(), view.transferFunctions(), view.iw(), view.lw(), view.b());
    }
  }

  /** Stacks of linear layers, each as one equal layer. */
  @GetMapping("/{version}/collapsed")
  Collapsed collapsed(@PathVariable String model, @PathVariable String version) {
    ModelVersion found = resolver.resolve(model, version);
    BodyMemory.reserve(2 * found.weights().bytes());
    try (SafeTensors file = weights.open(found.weights())) {
      return new Collapsed(CollapsedStack.of(VersionDefinition.of(found), file.tensors()));
    }
  }

  record Collapsed(List<CollapsedStack> stacks) {}

  /** With MATLAB's own names for its cells. */
  record MatlabAnswer(
      List<String> inputs,
      List<String> layers,
      List<String> transferFunctions,
      @JsonProperty("IW") List<List<double @Nullable [][]>> iw,
      @JsonProperty("LW") List<List<double @Nullable [][]>> lw,
      List<double[]> b) {}

  record VersionList(List<VersionView> versions, String nextPageToken) {}
}
