"""Validates a crate with roc-validator and without a network: RO-Crate 1.1 with Process Run Crate 0.5.

The validator fetches the JSON-LD context from w3id.org. The terms of it that the crates use are given here instead, with
the meanings that the context of RO-Crate 1.1 gives them.
"""

import json
import sys

import rdflib.plugins.shared.jsonld.context as jsonld_context
import rdflib.plugins.shared.jsonld.util as jsonld_util
import rocrate_validator.utils.http as http
from rocrate_validator import models, services

URL = "https://w3id.org/ro/crate/1.1/context"
SCHEMA_ORG = """CreativeWork Dataset SoftwareApplication CreateAction about name description datePublished license hasPart
mentions version softwareVersion instrument object result encodingFormat contentSize""".split()
TERMS = {term: "http://schema.org/" + term for term in SCHEMA_ORG}
TERMS |= {"File": "http://schema.org/MediaObject", "conformsTo": "http://purl.org/dc/terms/conformsTo"}
CONTEXT = {"@context": TERMS}


class Response:
    status_code = 200
    ok = True
    headers = {"Content-Type": "application/ld+json"}
    links = {}
    text = json.dumps(CONTEXT)
    content = text.encode()

    def json(self):
        return CONTEXT

    def raise_for_status(self):
        pass


def get(self, url, *arguments, **options):
    assert str(url).rstrip("/") == URL, f"the validator wants {url}"
    return Response()


fetch = jsonld_util.source_to_json


def source_to_json(source, *arguments, **options):
    return (CONTEXT, None) if str(source) == URL else fetch(source, *arguments, **options)


http.HttpRequester.get = get
jsonld_util.source_to_json = jsonld_context.source_to_json = source_to_json

settings = services.ValidationSettings(
    rocrate_uri=sys.argv[1],
    profile_identifier="process-run-crate-0.5",
    requirement_severity=models.Severity.REQUIRED,
)
result = services.validate(settings)
for issue in result.get_issues():
    print(issue.check.identifier, issue.message)
sys.exit(0 if result.passed() else 1)
