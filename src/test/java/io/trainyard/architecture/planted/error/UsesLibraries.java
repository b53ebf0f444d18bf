package io.trainyard.architecture.planted.error;

import ai.onnxruntime.OrtSession;
import io.grpc.Metadata;
import io.opentelemetry.api.trace.Tracer;
import jakarta.servlet.http.HttpServletRequest;
import java.sql.Connection;
import org.bytedeco.pytorch.Tensor;
import org.springframework.security.oauth2.jwt.Jwt;
import picocli.CommandLine;
import software.amazon.awssdk.services.s3.S3Client;

/** Uses libraries that belong to other floors. */
record UsesLibraries(
    Tensor tensor,
    OrtSession session,
    Connection connection,
    HttpServletRequest request,
    Metadata metadata,
    CommandLine commandLine,
    Tracer tracer,
    S3Client client,
    Jwt token) {}
