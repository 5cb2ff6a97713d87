"""Columns of the datasets: API element, Korean term, plain name and unit, stated once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Investor:
    """
    One investor type.

    :param element: the API's element name.
    :param name: the name in the published table.
    :param korean: the API sheet's Korean term.
    """

    element: str
    name: str
    korean: str


INVESTORS = (
    Investor("ind_invsr", "individual", "개인투자자"),
    Investor("frgnr_invsr", "foreigner", "외국인투자자"),
    Investor("orgn", "institution", "기관계"),
    Investor("fnnc_invt", "financial_investment", "금융투자"),
    Investor("insrnc", "insurance", "보험"),
    Investor("invtrt", "investment_trust", "투신"),
    Investor("etc_fnnc", "other_financial", "기타금융"),
    Investor("bank", "bank", "은행"),
    Investor("penfnd_etc", "pension_fund", "연기금등"),
    Investor("samo_fund", "private_fund", "사모펀드"),
    Investor("natn", "state", "국가"),
    Investor("etc_corp", "other_corporation", "기타법인"),
)
"""The twelve investor types in the API's order."""

UNITS = {"amount": "KRW million", "quantity": "shares"}
"""Units of the investor fields by measure (백만원, 주)."""
