#!/usr/bin/env bash
# Unpacks the natural text that the embedded model is trained on, for world/Atlas/NaturalText.cs.
#
#   eng/gather-corpora.sh SOURCE OUT
#
# SOURCE holds the collections below as NAME.jsonl.xz, one JSON object with a string "text" a line.
# OUT gets NAME.jsonl for each, and in OUT/held-out the documents kept for evaluation, which were drawn from the same
# collections: the reader drops every passage that shares eight words in a row with one of them.
#
#   novels            49 English novels printed in 1930 or before; public domain in the United States
#                     https://github.com/computationalstylistics/100_english_novels
#   tinystories_1000  1,000 of the TinyStories (Eldan and Li, 2023), Community Data License Agreement - Sharing 1.0
#                     https://github.com/ToonTalk/jlens-tinystories
#   state_union       addresses of United States presidents; public domain
#                     https://github.com/nltk/nltk_data (corpora/state_union)
#   pubmed_abstracts  abstracts behind PubMedQA's questions; MIT
#                     https://github.com/pubmedqa/pubmedqa
set -euo pipefail

if [[ $# -ne 2 || ! -d $1 ]]; then
    echo "usage: eng/gather-corpora.sh SOURCE OUT (SOURCE: a folder with NAME.jsonl.xz files)" >&2
    exit 2
fi

source=$1
out=$2
mkdir -p "$out/held-out"
for name in novels tinystories_1000 state_union pubmed_abstracts; do
    xz -dc "$source/$name.jsonl.xz" >"$out/$name.jsonl"
done

for name in pilelike_eval_2000 pilelike_eval_short; do
    xz -dc "$source/$name.jsonl.xz" >"$out/held-out/$name.jsonl"
done
